import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.export.html import to_html, write_html
from kg.export.html.data import TEXTS_EACH, graph_block, text_blocks, to_json
from kg.export.html.layout import find_communities, place_nodes
from kg.export.html.network import build_network
from kg.export.html.selection import Tie, choose_view
from kg.graph import KnowledgeGraph
from schemas.errors import InputError
from schemas.records import Entity, Link, Mention, Paper
from schemas.vocabulary import ENTITY_TYPES


def blocks(page: str) -> dict:
    found = re.findall(r'<script type="application/json" id="([\w-]+)">(.*?)</script>', page, flags=re.DOTALL)
    return {name: json.loads(content) for name, content in found}


@pytest.fixture(scope="module")
def page(ten_papers):
    return to_html(ten_papers)


def test_the_page_asks_for_nothing_outside_itself(page):
    without_data = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    markup = re.sub(r"<script>.*?</script>", "", without_data, flags=re.DOTALL)
    assert not re.search(r"https?:|//cdn|@import|url\(|\bsrc=|<link|<iframe", markup)
    assert "sourceMappingURL" not in page


def test_the_policy_allows_only_what_is_in_the_page(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        for content in re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_the_same_graph_gives_the_same_page_in_any_order(ten_papers, page):
    shuffled = KnowledgeGraph(
        papers=reversed(ten_papers.papers),
        entities=reversed(ten_papers.entities),
        links=reversed(ten_papers.links),
        results=reversed(ten_papers.results),
        info=ten_papers.info,
    )
    assert to_html(shuffled) == page


def test_the_page_does_not_depend_on_the_hash_seed():
    folder = Path(__file__).parent
    code = (
        f"import sys, hashlib; sys.path[:0] = {[str(folder), str(folder.parents[2])]}\n"
        "from conftest import made_up\n"
        "from kg.export.html import to_html\n"
        "print(hashlib.sha256(to_html(made_up(90), max_nodes=60).encode()).hexdigest())"
    )
    pages = [
        subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True)
        for seed in ("1", "2")
    ]
    assert pages[0].stdout == pages[1].stdout != b"", pages[0].stderr.decode()


def test_write_html_writes_one_file_in_utf8_and_nothing_else(ten_papers, page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_html(ten_papers, tmp_path / "graph.html", title="Zehn Aufsätze")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.html"]
    written = (tmp_path / "graph.html").read_bytes().decode("utf-8")
    assert "<title>Zehn Aufsätze</title>" in written
    assert len(written) == len(page.replace("Ten papers", "Zehn Aufsätze"))


def test_a_limit_below_one_is_refused(ten_papers):
    with pytest.raises(InputError, match="max_nodes is 0"):
        to_html(ten_papers, max_nodes=0)


def one_link() -> KnowledgeGraph:
    link = Link(paper_id="a", entity_id="x", role="uses", confidence=1, mentions=(Mention(0, 1, "X", "Model"),))
    entity = Entity(id="x", type="Model", name="X", papers=1)
    return KnowledgeGraph(papers=[Paper(id="a", title="X")], entities=[entity], links=[link])


@pytest.mark.parametrize(
    "graph",
    [
        KnowledgeGraph(papers=[], entities=[], links=[]),
        KnowledgeGraph(papers=[Paper(id="a", title="Alone")], entities=[], links=[]),
        one_link(),
    ],
    ids=["empty", "one paper", "one link"],
)
def test_small_graphs_have_a_page(graph):
    assert blocks(to_html(graph))["graph"]["papers"]["id"] == [paper.id for paper in graph.papers]


@given(st.text() | st.text(alphabet="</script>!-&\u2028\u2029\ud800\udfff\x00\"'\\"))
def test_json_in_the_page_is_inert_and_complete(text):
    written = to_json({"text": text})
    assert not re.search("[<>&\u2028\u2029\ud800-\udfff]", written)
    written.encode("utf-8")
    read = json.loads(written)["text"]
    assert read.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


def test_a_title_is_escaped_in_the_head(ten_papers):
    page = to_html(ten_papers, title="</title><script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;/title&gt;&lt;script&gt;" in page


def in_utf16(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_mentions_stand_where_javascript_counts_them(ten_papers):
    graph = graph_block(ten_papers)
    start = 0
    shown = {}
    for paper, row in enumerate(next(text_blocks(ten_papers))):
        text = f"{graph['papers']['title'][paper]}\n{row[0]}"
        flat = row[4]
        for number, begin, end in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
            entity = graph["entities"]["id"][graph["links"]["entity"][start + number]]
            shown.setdefault((graph["papers"]["id"][paper], entity), []).append(in_utf16(text, begin, end))
        start += graph["links"]["papers"][paper]
    assert shown["w09", "self-attention"] == ["Self-attention"]  # behind an emoji and LaTeX
    assert shown["w01", "stairnet"] == ["StairNet", "StairNet"]
    assert graph["papers"]["title"][8] == "Naïve Scaling of OWL to 93% Sparsity"


def test_sentences_of_results_are_whole(ten_papers):
    row = next(text_blocks(ten_papers))[0]
    text = f"{graph_block(ten_papers)['papers']['title'][0]}\n{row[0]}"
    sentence = in_utf16(text, *row[6])
    assert sentence.startswith("On PictureNet it reaches 76.5%")
    assert sentence.endswith("FlatNet.")


def test_texts_come_in_blocks(many_papers):
    sizes = [len(block) for block in text_blocks(many_papers)]
    assert sizes == [TEXTS_EACH, TEXTS_EACH, 100]


def test_five_hundred_papers_stay_under_five_megabytes(many_papers):
    assert len(to_html(many_papers).encode()) < 5_000_000


def test_a_small_graph_shows_its_papers(ten_papers):
    view = choose_view(ten_papers, max_nodes=150)
    kinds = {kind for kind, _ in view.keys}
    papers = {ten_papers.papers[index].id for kind, index in view.keys if kind == "p"}
    assert view.kind == "papers"
    assert kinds == {"e", "p"}
    assert "w10" not in papers  # it shares nothing
    assert all(ten_papers.entities[index].papers > 1 for kind, index in view.keys if kind == "e")


def test_a_large_graph_shows_what_is_shared(many_papers):
    view = choose_view(many_papers, max_nodes=80)
    assert view.kind == "shared"
    assert 20 < len(view.keys) <= 80
    assert {kind for kind, _ in view.keys} == {"e"}
    assert {end for tie in view.ties for end in (tie.one, tie.other)} == set(range(len(view.keys)))
    assert len(view.ties) < 5 * len(view.keys)  # a picture, no ball of wool


def hub_and_pairs() -> KnowledgeGraph:
    """One entity in all of 90 papers; 30 others in three papers each, in ten groups of three."""
    names = {f"x{number:02}": [] for number in range(30)}
    for paper in range(90):
        group = paper % 10
        for member in range(3):
            names[f"x{group * 3 + member:02}"].append(paper)
    links = [Link(paper_id=f"p{paper:02}", entity_id="hub", role="mentions", confidence=1) for paper in range(90)]
    links += [
        Link(paper_id=f"p{paper:02}", entity_id=entity, role="uses", confidence=1)
        for entity, papers in names.items()
        for paper in papers
    ]
    entities = [Entity(id="hub", type="Model", name="Hub", papers=90)]
    entities += [Entity(id=name, type="Task", name=name, papers=9) for name in names]
    papers = [Paper(id=f"p{paper:02}", title=f"On {paper}") for paper in range(90)]
    return KnowledgeGraph(papers=papers, entities=entities, links=links)


def test_a_hub_does_not_drown_the_rest():
    graph = hub_and_pairs()
    view = choose_view(graph, max_nodes=31)
    hub = next(place for place, (_, index) in enumerate(view.keys) if graph.entities[index].id == "hub")
    of_hub = [tie for tie in view.ties if hub in (tie.one, tie.other)]
    between_others = [tie for tie in view.ties if hub not in (tie.one, tie.other)]
    assert len(between_others) == 30  # all three ties of each group
    assert max(tie.strength for tie in of_hub) < min(tie.strength for tie in between_others)


def test_communities_are_found_and_numbered_by_size():
    ties = [Tie(one, other, 2, 0.5) for one, other in [(0, 1), (1, 2), (0, 2), (3, 4)]]
    assert find_communities(5, ties) == [0, 0, 0, 1, 1]


def test_small_communities_join_the_one_they_are_tied_to():
    clique = [(one, other) for other in range(5) for one in range(other)]
    ties = [Tie(one, other, 2, 0.5) for one, other in [*clique, (5, 6)]]
    assert find_communities(7, ties) == [0, 0, 0, 0, 0, 1, 1]
    assert find_communities(7, [*ties, Tie(0, 6, 1, 0.01)]) == [0] * 7


def test_communities_have_fields_of_their_own(many_papers):
    view = choose_view(many_papers, max_nodes=100)
    communities = find_communities(len(view.keys), view.ties)
    places = place_nodes(len(view.keys), view.ties, communities, [(90.0, 30.0)] * len(view.keys))
    assert len(places.cells) == max(communities) + 1 > 3
    for (x, y), community in zip(places.nodes, communities, strict=True):
        cell = places.cells[community]
        assert cell.left < x < cell.right
        assert cell.top < y < cell.bottom
    for number, one in enumerate(places.cells):
        for other in places.cells[:number]:
            assert (
                one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
            )
    assert abs(min(cell.left for cell in places.cells) + max(cell.right for cell in places.cells)) < 2


def test_no_field_is_a_strip(many_papers):
    for nodes in (40, 80, 120):
        view = choose_view(many_papers, max_nodes=nodes)
        communities = find_communities(len(view.keys), view.ties)
        cells = place_nodes(len(view.keys), view.ties, communities, [(90.0, 30.0)] * len(view.keys)).cells
        assert all(0.4 < (cell.right - cell.left) / (cell.bottom - cell.top) < 4 for cell in cells)


def test_labels_have_room_of_their_own(many_papers):
    view = choose_view(many_papers, max_nodes=100)
    boxes = [(90.0, 30.0)] * len(view.keys)
    places = place_nodes(len(view.keys), view.ties, find_communities(len(view.keys), view.ties), boxes).nodes
    overlapping = sum(
        abs(x - u) < 90 - 1 and abs(y - v) < 30 - 1
        for place, (x, y) in enumerate(places)
        for u, v in places[:place]
    )  # fmt: skip
    assert overlapping == 0


def test_no_node_no_place():
    assert place_nodes(0, [], [], []) == ([], [])


def test_pyvis_gets_nodes_and_edges_that_fit(ten_papers):
    network, regions = build_network(ten_papers, choose_view(ten_papers, max_nodes=150))
    ids = [node["id"] for node in network.nodes]
    assert len(set(ids)) == len(ids) == network.num_nodes()
    assert {end for edge in network.edges for end in (edge["from"], edge["to"])} <= set(ids)
    assert {node["group"] for node in network.nodes} <= {*ENTITY_TYPES, "Paper"}
    assert network.get_network_data()[0] == network.nodes
    assert network.options["physics"] == {"enabled": False}
    assert all(isinstance(node["x"], int) for node in network.nodes)
    assert {node["community"] for node in network.nodes} == set(range(len(regions)))
    assert all(set(region.names) <= set(ids) for region in regions)
