"""Each format, by a small document in it."""

import gzip
import io
import json
import sys

import pytest
import zstandard

import kg
from kg.readers import FORMATS
from schemas.errors import InputError, UnknownFormat

ABSTRACT = (
    "We study how far a small encoder can go when it is trained on abstracts alone. On three corpora it comes near to "
    "systems of five times its size, and an ablation shows which of its parts matter. Code and data are free to use."
)
LONG = ABSTRACT + " " + ABSTRACT


@pytest.fixture
def read(tmp_path):
    """Write a document into a file of that name and read it; return papers and rejections."""

    def run(name, content, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        rejected = []
        return list(kg.read(path, on_reject=rejected.append, **options)), rejected

    return run


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def test_own_lines(read):
    record = {
        "id": "my 1",
        "title": "On X",
        "abstract": "We study X.",
        "year": 2020,
        "authors": ["A. Bee"],
        "doi": "10.1234/AB",
    }
    (paper,), rejected = read("papers.jsonl", lines(record))
    assert rejected == []
    assert (paper.id, paper.doi, paper.authors, paper.source) == ("my 1", "10.1234/ab", ("A. Bee",), "papers.jsonl:1")


def test_what_extract_writes_is_read_as_papers(read):
    (paper,), _ = read("x.jsonl", lines({"id": "a", "title": "On X", "abstract": "", "entities": [], "results": []}))
    assert paper == kg.Paper(id="a", title="On X", source="x.jsonl:1")


def test_arxiv_bulk_metadata(read):
    record = {
        "id": "1810.04805",
        "title": "BERT:\n  Pre-training",
        "abstract": "  We introduce\nBERT.",
        "authors_parsed": [["Devlin", "Jacob", ""], ["Lee", "Kenton", "Jr."]],
        "categories": "cs.CL cs.LG",
        "versions": [{"version": "v1", "created": "Thu, 11 Oct 2018 00:50:01 GMT"}],
        "update_date": "2019-05-28",
        "journal-ref": None,
        "doi": None,
    }
    (paper,), _ = read("arxiv.json", lines(record, record)[: len(lines(record))])
    assert (paper.id, paper.title, paper.abstract) == ("arxiv:1810.04805", "BERT: Pre-training", "We introduce BERT.")
    assert (paper.year, paper.authors, paper.keywords) == (2018, ("Jacob Devlin", "Kenton Lee Jr."), ("cs.CL", "cs.LG"))


def test_openalex_with_its_inverted_index(read):
    work = {
        "id": "https://openalex.org/W123",
        "doi": "https://doi.org/10.5555/X.1",
        "display_name": "On X",
        "publication_year": 2021,
        "abstract_inverted_index": {"We": [0], "study": [1, 3], "X,": [2], "X.": [4]},
        "authorships": [{"author": {"display_name": "Ann Bee"}}],
        "primary_location": {"source": {"display_name": "Journal of X"}},
        "keywords": [{"display_name": "X"}],
    }
    (paper,), _ = read("works.json", json.dumps({"meta": {"count": 1}, "results": [work]}))
    assert (paper.id, paper.abstract, paper.venue) == ("doi:10.5555/x.1", "We study X, study X.", "Journal of X")
    (paper,), _ = read("works.jsonl", lines(work | {"doi": None}))
    assert paper.id == "openalex:W123"


def test_semantic_scholar(read):
    record = {
        "paperId": "abc",
        "externalIds": {"ArXiv": "1706.03762", "DBLP": "x"},
        "title": "On X",
        "abstract": None,
        "year": 2017,
        "authors": [{"authorId": "1", "name": "Ann Bee"}],
    }
    for name, content in (("s2.json", json.dumps({"total": 1, "data": [record]})), ("s2.jsonl", lines(record))):
        (paper,), _ = read(name, content)
        assert (paper.id, paper.abstract, paper.authors) == ("arxiv:1706.03762", "", ("Ann Bee",))


def test_a_json_array_and_a_pretty_document(read):
    assert len(read("a.json", json.dumps([{"title": "On X"}, {"title": "On Y"}]))[0]) == 2
    assert len(read("b.json", json.dumps([{"title": "On X"}], indent=2))[0]) == 1
    assert len(read("c.json", json.dumps({"title": "On X"}, indent=2))[0]) == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_tables_by_usual_column_names(read, separator):
    rows = [
        ["Article Title", "Abstract", "Publication Year", "Authors", "DOI"],
        ['"On X"', '"We\nstudy"', "2020", '"A. Bee; C. Dee"', ""],
    ]
    (paper,), rejected = read("t.csv", "\n".join(separator.join(row) for row in rows))
    assert rejected == []
    assert (paper.title, paper.abstract, paper.year, paper.authors) == ("On X", "We study", 2020, ("A. Bee", "C. Dee"))
    assert paper.source == "t.csv:2"


def test_bibtex_keeps_good_entries_beside_a_broken_one(read):
    text = r"""
@inproceedings{bee2020,
  title = {{BERT} and the {\'E}tude of {Deep {B}idirectional} models},
  author = {Bee, Ann and Dee, Ch\"arles},
  booktitle = {Proceedings of {X}},
  year = 2020,
  eprint = {2001.00001}, archiveprefix = {arXiv},
  abstract = {We reach 93\% on $F_1$.}
}
@article{broken, title = {No end
@misc{c, title = {On Y}, year = {2021}}
"""
    papers, rejected = read("refs.bib", text)
    assert papers[0].title == r"BERT and the {\'E}tude of Deep Bidirectional models"
    assert papers[0].abstract == r"We reach 93\% on $F_1$."
    assert (papers[0].id, papers[0].authors) == ("arxiv:2001.00001", ("Ann Bee", "Chärles Dee"))
    assert [paper.title for paper in papers[1:]] == ["On Y"]
    assert len(rejected) == 1
    assert rejected[0].source.startswith("refs.bib:")


def test_ris(read):
    text = "TY  - JOUR\nTI  - On X\nAU  - Bee, Ann\nAU  - Dee, C.\nPY  - 2020\nAB  - We study X.\nDO  - 10.1/x\nER  - \n\nTY  - JOUR\nAB  - no title\nER  - \n"
    (paper,), (rejected,) = read("refs.ris", text)
    assert (paper.title, paper.authors, paper.year, paper.abstract) == (
        "On X",
        ("Ann Bee", "C. Dee"),
        2020,
        "We study X.",
    )
    assert rejected.source == "refs.ris:10"


def test_arxiv_atom(read):
    text = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title>
<entry><id>http://arxiv.org/abs/1810.04805v2</id><published>2018-10-11T00:50:01Z</published>
<title>On &lt;X&gt; &amp; Y</title><summary>  We study
X. </summary><author><name>Ann Bee</name></author><category term="cs.CL"/></entry></feed>"""
    (paper,), _ = read("feed.xml", text)
    assert (paper.id, paper.title, paper.abstract, paper.year) == (
        "arxiv:1810.04805",
        "On <X> & Y",
        "We study X.",
        2018,
    )


def test_acl_anthology(read):
    text = """<?xml version='1.0' encoding='UTF-8'?>
<collection id="2020.acl"><volume id="main"><meta><booktitle>Proceedings of ACL</booktitle><year>2020</year></meta>
<frontmatter><url>2020.acl-main.0</url></frontmatter>
<paper id="1"><title><fixed-case>BERT</fixed-case> at <tex-math>n^2</tex-math></title>
<author><first>Ann</first><last>Bee</last></author>
<abstract>We <i>study</i> it.</abstract><url hash="x">2020.acl-main.1</url><doi>10.18653/v1/2020.acl-main.1</doi></paper>
</volume></collection>"""
    (paper,), _ = read("2020.acl.xml", text)
    assert (paper.id, paper.title, paper.abstract) == (
        "doi:10.18653/v1/2020.acl-main.1",
        "BERT at $n^2$",
        "We study it.",
    )
    assert (paper.year, paper.venue, paper.url) == (
        2020,
        "Proceedings of ACL",
        "https://aclanthology.org/2020.acl-main.1",
    )


def test_pubmed(read):
    text = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>123</PMID><Article>
<Journal><Title>J. X</Title><JournalIssue><PubDate><Year>2019</Year></PubDate></JournalIssue></Journal>
<ArticleTitle>On <sub>2</sub>X.</ArticleTitle><Abstract><AbstractText Label="METHODS">We train.</AbstractText>
<AbstractText>It works.</AbstractText></Abstract>
<AuthorList><Author><LastName>Bee</LastName><ForeName>Ann</ForeName></Author></AuthorList></Article></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/x</ArticleId></ArticleIdList></PubmedData></PubmedArticle></PubmedArticleSet>"""
    (paper,), _ = read("pubmed.xml", text)
    assert (paper.title, paper.abstract, paper.year) == ("On 2X.", "Methods: We train. It works.", 2019)
    assert (paper.id, paper.authors) == ("doi:10.1000/x", ("Ann Bee",))


def test_plain_text(read):
    (paper,), _ = read("paper.txt", "Title: On X\n\nAbstract: We study X.\nIt is hard.\n")
    assert (paper.title, paper.abstract, paper.source) == ("On X", "We study X. It is hard.", "paper.txt:1")


@pytest.mark.parametrize("blank", ["\n", "\n\n"], ids=["no blank lines", "blank lines"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_saved_search_pages(read, blank, end):
    debris = ["new", "Get papers by mail every day!", 'Subscribe"Small" Encoders: A Study']
    page = [
        *debris,
        LONG,
        "Do Bigger Encoders Always Win? A Long Title That Asks a Question of Many Words, and Then One More?",
    ]
    page += [LONG, "A Short One", ABSTRACT]
    papers, rejected = read("page.txt", blank.join(page).replace("\n", end))
    assert rejected == []
    assert [paper.title for paper in papers] == ['"Small" Encoders: A Study', page[4], "A Short One"]
    assert [len(paper.abstract) for paper in papers] == [len(LONG), len(LONG), len(ABSTRACT)]


def test_a_page_gives_an_abstract_in_two_paragraphs_to_one_paper(read):
    papers, _ = read("page.txt", "\n".join(["First Title", LONG, LONG, "Second Title", LONG]), format="pages")
    assert [(paper.title, len(paper.abstract)) for paper in papers] == [
        ("First Title", 2 * len(LONG) + 1),
        ("Second Title", len(LONG)),
    ]


def test_a_page_names_a_title_without_an_abstract(read):
    papers, rejected = read("page.txt", "\n".join(["First Title", LONG, "A Title Left Alone", "Second Title", LONG]))
    assert len(papers) == 2
    assert [(r.source, "without an abstract" in r.reason) for r in rejected] == [("page.txt:3", True)]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_compression_is_told_by_content(read, pack):
    data = pack(lines({"title": "On X"}).encode()) + pack(lines({"title": "On Y"}).encode())
    for name in ("papers.jsonl.gz", "papers.jsonl", "papers.jsonl.zst"):
        papers, rejected = read(name, data)
        assert [paper.title for paper in papers] == ["On X", "On Y"]
        assert rejected == []


def test_content_decides_where_the_suffix_does_not(read):
    assert read("papers.txt", lines({"title": "On X"}))[0][0].title == "On X"
    assert read("noname", "@misc{a, title={On X}}")[0][0].title == "On X"


def test_the_format_can_be_forced(read):
    assert read("papers.dat", lines({"title": "On X"}), format="jsonl")[0][0].title == "On X"
    with pytest.raises(UnknownFormat, match="no reader for 'docx'; available: jsonl, csv"):
        read("papers.dat", "x", format="docx")


def test_folders_globs_and_missing_files(tmp_path):
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("b/2.jsonl", "b/1.jsonl", "b/c/3.jsonl.gz", "b/.hidden.jsonl", "b/notes.docx"):
        data = lines({"title": f"On {name}"}).encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    expected = ["On b/1.jsonl", "On b/2.jsonl", "On b/c/3.jsonl.gz"]
    assert [paper.title for paper in kg.read(tmp_path / "b")] == expected
    assert [paper.title for paper in kg.read(str(tmp_path / "b" / "*.jsonl"))] == expected[:2]
    (tmp_path / "empty").mkdir()
    for source, message in (
        ("missing.bib", "no such file"),
        ("*.bib", "no such file"),
        ("empty", "no file of a known format"),
    ):
        with pytest.raises(InputError, match=message):
            list(kg.read(tmp_path / source))


def test_standard_input(monkeypatch):
    data = io.BytesIO(gzip.compress(lines({"title": "On X"}).encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert [(paper.title, paper.source) for paper in kg.read("-")] == [("On X", "-:1")]


def test_every_format_of_the_table_is_there():
    from importlib import import_module

    for row in FORMATS.values():
        module, _, function = row.reader.partition(":")
        assert callable(getattr(import_module(module), function))
