"""XML: what is in it, what breaks off, and what is not allowed."""

import pytest

import kg
from kg.readers import xml


@pytest.fixture
def read(tmp_path):
    def run(content, name="a.xml"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        rejected = []
        papers = list(kg.read(tmp_path / name, on_reject=rejected.append))
        return papers, [(rejection.source, rejection.reason) for rejection in rejected]

    return run


def feed(*entries):
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom">\n' + "\n".join(f"<entry>{e}</entry>" for e in entries) + "</feed>"
    )


ANTHOLOGY = """<?xml version='1.0' encoding='UTF-8'?>
<collection id="{collection}"><volume id="{volume}"><meta><booktitle>Proceedings</booktitle><year>2019</year></meta>
<frontmatter><url>x</url></frontmatter>
<paper id="7"><title>On X</title><editor><first>E.</first><last>D.</last></editor>{more}</paper></volume></collection>"""


@pytest.mark.parametrize(
    ("collection", "volume", "more", "paper_id"),
    [
        ("P19", "1", "", "acl:P19-1007"),
        ("W18", "54", "", "acl:W18-5407"),
        ("D19", "50", "", "acl:D19-5007"),
        ("2020.acl", "main", "", "acl:2020.acl-main.7"),
        ("P19", "1", "<url hash='1'>P19-1008</url>", "acl:P19-1008"),
        ("P19", "1", "<doi>10.1000/X</doi>", "doi:10.1000/x"),
        ("P19", "1", "<url>https://example.org/x.pdf</url>", "acl:P19-1007"),
    ],
)
def test_ids_of_the_anthology(read, collection, volume, more, paper_id):
    (paper,), rejected = read(ANTHOLOGY.format(collection=collection, volume=volume, more=more))
    assert (paper.id, paper.year, paper.venue, paper.source) == (paper_id, 2019, "Proceedings", "a.xml:4")
    assert (paper.authors, rejected) == ((), [])


def test_year_and_title_of_a_volume_end_with_it(read):
    text = (
        '<collection id="P19"><volume id="1"><meta><booktitle>One</booktitle></meta><paper id="1"><title>A</title></paper>'
        '</volume><volume id="2"><paper id="1"><title>B</title></paper></volume></collection>'
    )
    assert [(paper.id, paper.venue) for paper in read(text)[0]] == [("acl:P19-1001", "One"), ("acl:P19-2001", None)]


PUBMED = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">42</PMID><Article>
<Journal><JournalIssue><PubDate><MedlineDate>2019 May-Jun</MedlineDate></PubDate></JournalIssue><Title>J. X</Title></Journal>
<ArticleTitle>At 10<sup>-3</sup> of H<sub>2</sub>O.</ArticleTitle>
<Abstract><AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Roads are <i>long</i>.</AbstractText>
<AbstractText Label="UNLABELLED">They end.</AbstractText></Abstract>
<AuthorList><Author><LastName>Bee</LastName><Initials>A</Initials></Author>
<Author><CollectiveName>The X Team, Berlin</CollectiveName></Author></AuthorList></Article>
<KeywordList><Keyword>roads</Keyword></KeywordList></MedlineCitation>
<PubmedData><ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1000/cited</ArticleId></ArticleIdList>
</Reference></ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>"""


def test_pubmed_with_a_document_type_and_references(read):
    (paper,), rejected = read(PUBMED)
    assert rejected == []
    assert (paper.id, paper.doi, paper.year, paper.venue) == ("pmid:42", None, 2019, "J. X")
    assert paper.title == "At 10^-3 of H2O."
    assert paper.abstract == "Background: Roads are long. They end."
    assert (paper.authors[0], paper.keywords) == ("A Bee", ("roads",))


def test_records_stand_at_their_lines(read):
    papers, _ = read(feed("<title>On X</title>", "\n<title>On\nY</title>", "<title>On Z</title>"))
    assert [(paper.title, paper.source) for paper in papers] == [
        ("On X", "a.xml:2"),
        ("On Y", "a.xml:3"),
        ("On Z", "a.xml:6"),
    ]


@pytest.mark.parametrize(
    ("content", "titles"),
    [
        (feed("<title>On\x01 X&#2;&#x1F;</title>"), ["On X"]),
        (feed("<title>Größe</title>", "<title>Caf#</title>").encode().replace(b"#", b"\xe9"), ["Größe", "Caf\ufffd"]),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + feed("<title>Größe</title>").encode("latin-1"), ["Größe"]),
        (b'<?xml version="1.0" encoding="no-such"?>' + feed("<title>Größe</title>").encode(), ["Größe"]),
        (('<?xml version="1.0" encoding="UTF-16"?>' + feed("<title>Größe</title>")).encode("utf-16"), ["Größe"]),
        (feed("<title>a &lt;b&gt; &amp;amp; c</title>"), ["a <b> &amp; c"]),
        (feed("<title><![CDATA[<script>x</script>]]></title>"), ["<script>x</script>"]),
        ("<!-- a comment first -->" + feed("<title>On X</title>"), ["On X"]),
    ],
)
def test_encodings_and_characters_that_xml_forbids(read, content, titles):
    papers, rejected = read(content)
    assert ([paper.title for paper in papers], rejected) == (titles, [])


@pytest.mark.parametrize(
    ("content", "titles", "words"),
    [
        (feed("<title>On X</title>", "<title>On Y").replace("</feed>", ""), ["On X"], "a.xml:3 not valid XML"),
        (feed("<title>On X</title>", "<summary>x</summary>", "<title>Y</title>"), ["On X", "Y"], "a.xml:3 no title"),
        (feed("<title>On X</title>", "<title>&nbsp;</title>", "<title>Y</title>"), ["On X"], "a.xml:3 not valid XML"),
        ("<?xml version='1.0'?><rss><channel/></rss>", [], "a.xml:1 no paper: known are"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + feed("<title>&b;</title>"), [], "a.xml:1 entities are not allowed"),
        ('<!DOCTYPE a [<!ENTITY % b SYSTEM "x"> %b;]>' + feed(), [], "a.xml:1 entities are not allowed"),
        ("<feed>" + "<a>" * 20_000, [], "a.xml:1 not valid XML"),
    ],
)
def test_what_cannot_be_read_is_rejected_once(read, content, titles, words):
    papers, rejected = read(content)
    assert [paper.title for paper in papers] == titles
    assert len(rejected) == 1
    assert " ".join(rejected[0]).startswith(words)


@pytest.mark.parametrize(
    "content",
    [feed(f"<title>{'x ' * 5000}</title>"), f"<feed><!--{'x' * 200_000}--></feed>", f"<feed a='{'x' * 200_000}'/>"],
    ids=["record", "comment", "attribute"],
)
def test_nothing_without_end_fills_the_memory(read, monkeypatch, content):
    monkeypatch.setattr(xml, "MAX_RECORD", 5000)
    papers, rejected = read(content)
    assert papers == []
    assert "more than 5,000 characters" in rejected[0][1]


def test_deep_elements_in_a_record(read):
    (paper,), _ = read(feed("<title>" + "<i>" * 5000 + "On X" + "</i>" * 5000 + "</title>"))
    assert paper.title == "On X"
