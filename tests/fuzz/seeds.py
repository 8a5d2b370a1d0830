"""What fuzzing begins with: small inputs of each kind that are read to their end."""

import gzip
import json

RECORD = {"id": "a", "title": "BERT on SQuAD", "abstract": "We reach 93.2% F1.", "year": 2019, "authors": ["A. Bee"]}
OPENALEX = {
    "id": "https://openalex.org/W1", "title": "On X", "abstract_inverted_index": {"We": [0], "study": [1]},
    "authorships": [{"author": {"display_name": "A. Bee"}}], "ids": {"pmid": "1"}, "publication_year": 2020,
}  # fmt: skip
ARXIV = {
    "id": "1810.04805",
    "title": "On X",
    "abstract": "We",
    "authors_parsed": [["Bee", "A.", ""]],
    "categories": "cs.CL",
}
SCHOLAR = {
    "paperId": "x",
    "title": "On X",
    "externalIds": {"DOI": "10.1/x", "ACL": "N19-1423"},
    "authors": [{"name": "A"}],
}
EXTRACTION = RECORD | {
    "entities": [
        {
            "name": "BERT", "type": "Model", "role": "uses", "confidence": 0.9,
            "mentions": [{"start": 0, "end": 4, "text": "BERT", "confidence": 0.9}], "evidence": {"start": 0, "end": 4},
        }
    ],
    "results": [{"subject": "BERT", "metric": "F1", "value": "93.2%", "number": 93.2, "start": 14, "end": 31}],
    "abbreviations": [{"short": "F1", "long": "F", "start": 0, "end": 1, "long_start": 0, "long_end": 1}],
    "pipeline": "p",
}  # fmt: skip
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/1810.04805v2</id><title>On X</title>'
    "<summary>We study X.</summary><author><name>A. Bee</name></author><published>2018</published></entry></feed>"
)
ANTHOLOGY = (
    '<collection id="2020.acl"><volume id="main"><meta><booktitle>ACL</booktitle><year>2020</year></meta>'
    '<paper id="1"><title>On <fixed-case>X</fixed-case></title><abstract>We <tex-math>x_1</tex-math></abstract>'
    "<author><first>A.</first><last>Bee</last></author></paper></volume></collection>"
)
PUBMED = (
    "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>On X</ArticleTitle>"
    '<Abstract><AbstractText Label="AIM">We</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>'
    "</PubmedArticleSet>"
)
BIBTEX = '@string{x = "ACL"}\n@article{bee, title = {On {X} and \\"{u}}, author = "Bee, A. and Dee, C.", booktitle = x}'
RIS = "TY  - JOUR\nTI  - On X\nAU  - Bee, A.\nAB  - We study X.\nPY  - 2020\nDO  - 10.1000/x\nER  - \n"
CSV = 'title,year,abstract,authors\n"On ""X"", twice",2020,"We\nstudy X.",A. Bee; C. Dee\n'
PAGES = (
    "BERT on SQuAD\nA Bee, C Dee - ACL, 2019 - example.org\nWe fine-tune BERT on SQuAD.\nCited by 12 Related articles\n\n"
    * 2
)
PLAIN = "On X\nWe study X, and find that it is one.\n\nOn Y\nWe study Y; it is not.\n"
CURATION = (
    "same:\n  - [BERT, bert]\ndifferent:\n  - [CL, cl]\nrename: {BERT: Bert}\ntype: {GLUE: Dataset}\ndrop: [SQuAD]\n"
)
TEXTS = (
    "We reach 93.2 % F1 (+1.5 points over ELMo) and $O(n^2)$ time on SQuAD 2.0.",
    "\\textbf{BERT}: pre-training~of {\\'e}l\\`eve &amp; <i>co</i> $\\alpha_{1}$ \\cite{x} ``quoted''",
    "Long short-term memory (LSTM), i.e. a network; from 10.5 to 28.4 BLEU, 2x faster; 3e-4",
    "</script><script>alert(1)</script><!-- ]]> & \" ' ` \u2028 \u202e",
    'https://doi.org/10.1000/x y<>"{}|^`\\ ../../etc/passwd doi:10.1000/%2e%2e',
)


def _json(*records: object) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


SEEDS: dict[str, list[bytes]] = {
    "read-jsonl": [_json(RECORD, OPENALEX, ARXIV, SCHOLAR), _json({"results": [RECORD]}), _json([RECORD, SCHOLAR])],
    "read-csv": [CSV.encode(), CSV.replace(",", "\t").encode("utf-16")],
    "read-bibtex": [BIBTEX.encode()],
    "read-ris": [RIS.encode()],
    "read-xml": [ATOM.encode(), ANTHOLOGY.encode(), PUBMED.encode()],
    "read-pages": [PAGES.encode()],
    "read-plain": [PLAIN.encode()],
    "read-any": [gzip.compress(_json(RECORD)), *(text.encode() for text in (CSV, BIBTEX, RIS, ATOM, PAGES, PLAIN))],
    "read-parquet": [b"PAR1"],
    "lines": [_json(EXTRACTION)],
    "curation": [CURATION.encode()],
    "text": [text.encode() for text in TEXTS],
}
