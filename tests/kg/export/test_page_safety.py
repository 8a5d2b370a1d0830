"""Text from papers is text on the page, whatever it holds."""

from urllib.parse import quote

from playwright.sync_api import expect

from kg.export.html import write_html
from kg.graph import GraphInfo, KnowledgeGraph
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult
from schemas.text import readable

TEXT = "(e) => [...e.childNodes].filter((n) => n.nodeName !== 'SUP').map((n) => n.textContent).join('')"
MODEL = (0x7E, 0x22, 0xCE)
EVIL = [
    "<script>document.title = 'ran'</script>",
    "</script><script>document.title = 'ran'</script><!--",
    "<img src=x onerror=\"document.title = 'ran'\">",
    "\"'`${document.title = 'ran'}",
    "javascript:document.title='ran'",
    "\u202etfel ot thgir\u2066 \u2028\u2029 end",
    "&lt;b&gt; {{ title }} ]]> %00 \\u003c 😀 𝔘",
    '=HYPERLINK(1,2), "quoted"\tand __proto__',
]


FORMER = {"</script><b>": EVIL[2], "__proto__": EVIL[3], "constructor": EVIL[4]}


def hostile_graph() -> KnowledgeGraph:
    entities, papers, links, results = [], [], [], []
    types = ["Method", "Model", "Dataset", "Metric", "Task"]
    for number, evil in enumerate(EVIL):
        paper_id = f"{evil}#{number}"
        papers.append(
            Paper(
                id=paper_id, title=evil, abstract=f"{evil} about {evil}", year=2000 + number, authors=(evil, evil),
                venue=evil, url=evil, doi=evil, arxiv_id=evil, keywords=(evil,), source=evil,
            )
        )  # fmt: skip
        entities.append(
            Entity(
                id=evil, type=types[number % 5], name=evil, papers=len(EVIL), same_as=(evil,),
                aliases=(Alias(evil, 3), Alias(evil + "!", 1)), variant_of=EVIL[0] if number else None,
            )
        )  # fmt: skip
    for paper in papers:
        for number, entity in enumerate(entities):
            size = len(paper.title)
            mentions = (Mention(0, size, paper.title, entity.type),) if number == 0 else ()
            links.append(
                Link(
                    paper_id=paper.id,
                    entity_id=entity.id,
                    role="uses",
                    confidence=1,
                    mentions=mentions,
                    evidence=(0, size),
                )
            )
        results.append(
            ReportedResult(
                id=f"{paper.id}#result-1", paper_id=paper.id, subject=paper.title, metric=paper.title,
                value=paper.title,
                dataset=paper.title, task=paper.title, baseline=paper.title, start=0, end=len(paper.title),
                subject_id=EVIL[1], dataset_id=EVIL[2],
            )
        )  # fmt: skip
    return KnowledgeGraph(
        papers=papers, entities=entities, links=links, results=results, replaced=FORMER,
        info=GraphInfo(title=EVIL[1], pipeline=EVIL[0]),
    )  # fmt: skip


def test_nothing_in_the_text_of_papers_runs(visit, pages):
    graph = hostile_graph()
    write_html(graph, pages / "evil.html")
    page = visit("evil.html")
    for former, current in FORMER.items():
        page.tab.goto((pages / "evil.html").as_uri() + f"#entity={quote(former, safe='')}")
        expect(page.heading).to_have_count(1)
        assert page.heading.evaluate("h => h.textContent") == current
    page.tab.get_by_label("Families").check()
    assert page.heading.evaluate("h => h.textContent") == EVIL[0]
    page.tab.get_by_label("Families").uncheck()
    for evil in EVIL:
        page.tab.goto((pages / "evil.html").as_uri() + f"#entity={quote(evil, safe='')}")
        expect(page.heading).to_have_count(1)
        assert page.heading.evaluate("h => h.textContent") == evil
        page.tab.goto((pages / "evil.html").as_uri() + f"#paper={quote(f'{evil}#{EVIL.index(evil)}', safe='')}")
        shown = readable(f"{evil}\n{evil} about {evil}").text
        assert page.heading.evaluate(TEXT) + "\n" + page.find("#abstract").evaluate(TEXT) == shown
        page.find("#search").fill(evil)
        page.find("#search").fill("")
    for tab in ("entities", "papers", "results"):
        page.find(f"#tab-{tab}").click()
        page.button("Copy as CSV").click()
    page.tab.mouse.move(*page.dot(MODEL))
    page.find("#tab-details").click()
    assert page.js("document.title").endswith(f"· {EVIL[1]}")
    assert page.find("a[href^='javascript' i], img, iframe, object, #body script, #body style").count() == 0
    assert page.js(
        "[...document.querySelectorAll('*')].every((e) => ![...e.attributes].some((a) => a.name.startsWith('on')))"
    )
