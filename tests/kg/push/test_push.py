import json
from contextlib import suppress
from dataclasses import replace

import pyoxigraph as ox
import pytest

import kg
from kg.export.quads import quads
from kg.graph import KnowledgeGraph
from kg.push import Pushed, push, restore, withdraw
from schemas.errors import InputError, PushError, StoreError
from schemas.records import Paper

BASE = "https://w3id.org/abstractkg/id/"
GRAPHS = [
    f"{BASE}graph/entities",
    f"{BASE}graph/paper/b",
    f"{BASE}graph/paper/doi:10.1000/a",
    f"{BASE}graph/header",
]
PAPER, HEADER = GRAPHS[1], GRAPHS[-1]


def expected(graph, without=()):
    def term(value):
        return (
            ox.NamedNode(value)
            if isinstance(value, str)
            else ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))
        )

    store = ox.Store()  # which writes numbers in its own way
    store.extend(ox.Quad(*map(term, quad)) for quad in quads(graph) if quad.graph not in without)
    return set(store)


def changed(graph, **papers):
    """The graph with other papers of these ids; None for none."""
    kept = [papers.get(paper.id, paper) for paper in graph.papers]
    links = [link for link in graph.links if papers.get(link.paper_id, 0) is not None]
    return KnowledgeGraph(
        papers=[paper for paper in kept if paper],
        entities=graph.entities,
        links=links,
        results=graph.results,
        replaced=graph.replaced,
        info=graph.info,
    )


def test_all_is_sent_the_header_last_and_the_second_time_nothing(place, folder, rich_graph):
    assert push(folder, place.url) == Pushed(sent=4)
    assert set(place.store) == expected(rich_graph)
    assert place.changes() == [("PUT", name) for name in GRAPHS]
    assert push(folder, place.url) == Pushed(unchanged=4)
    assert place.changes() == []


def test_only_what_changed_is_sent_and_what_is_gone_is_deleted(place, folder, rich_graph, put_graph):
    push(folder, place.url)
    place.changes()
    after = changed(rich_graph, b=Paper(id="b", title="Another title"))
    put_graph(folder, after)
    push(folder, place.url)
    assert place.changes() == [("DELETE", HEADER), ("PUT", PAPER), ("PUT", HEADER)]
    assert set(place.store) == expected(after)
    after = changed(rich_graph, b=None)
    put_graph(folder, after)
    assert push(folder, place.url) == Pushed(sent=1, unchanged=2, deleted=1)
    assert place.changes() == [("DELETE", HEADER), ("DELETE", PAPER), ("PUT", HEADER)]
    assert set(place.store) == expected(after)


def test_a_changed_abstract_replaces_what_was_pushed_of_it(place, tmp_path):
    papers = [Paper(id="a", title="BERT", abstract="We fine-tune BERT on SQuAD."), Paper(id="b", title="On GLUE")]
    kg.build(papers, out=tmp_path / "g", fast=True)
    push(tmp_path / "g", place.url)
    kg.build([replace(papers[0], abstract="We fine-tune BERT on GLUE.")], out=tmp_path / "g", fast=True)
    place.changes()
    push(tmp_path / "g", place.url)
    assert ("PUT", f"{BASE}graph/paper/b") not in place.changes()
    assert set(place.store) == expected(kg.open(tmp_path / "g"))
    assert not any("squad" in str(quad).lower() for quad in place.store)


def test_levels_of_evidence_are_changes_too(place, folder, rich_graph):
    push(folder, place.url)
    push(folder, place.url, evidence="none")
    assert len(place.store) == len(list(quads(rich_graph, evidence="none")))
    with pytest.raises(InputError, match="unknown level"):
        push(folder, place.url, evidence="all")


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("fault", ["drop", "deaf", 503, 429, 500])
def test_a_fault_that_passes_is_retried(place, folder, rich_graph, fault, bulk):
    place.faults.extend([None, fault, fault])
    push(folder, place.url, store=place.client(), bulk=bulk)
    assert set(place.store) == expected(rich_graph)


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("fault", ["drop", "deaf", 503])
@pytest.mark.parametrize("after", range(4))
def test_a_push_that_broke_goes_on_where_it_was(place, folder, rich_graph, put_graph, fault, after, bulk):
    before = changed(rich_graph, b=Paper(id="b", title="The title before"))
    put_graph(folder, before)
    place.faults.extend([None] * after + [fault] * 3)
    requests = place.client()
    with suppress(PushError):  # with --bulk there are fewer requests to fail
        push(folder, place.url, store=requests, bulk=bulk)
    place.faults.clear()
    done = {name for method, name in place.changes() if method == "PUT"}
    put_graph(folder, rich_graph)  # meanwhile the graph was built again
    push(folder, place.url, store=place.client(), bulk=bulk)
    assert set(place.store) == expected(rich_graph)
    again = {name for _, name in place.changes()}
    if fault != "deaf":
        assert done & again <= {PAPER, GRAPHS[-1]}  # nothing twice, but for what changed
    assert push(folder, place.url) == Pushed(unchanged=4)


def test_bulk_is_one_request_where_the_store_has_nothing_of_ours(place, folder, rich_graph, put_graph, monkeypatch):
    push(folder, place.url, bulk=True)
    assert place.changes() == [("POST", None), ("PUT", GRAPHS[-1])]
    assert set(place.store) == expected(rich_graph)
    put_graph(folder, changed(rich_graph, b=Paper(id="b", title="Another title")))
    push(folder, place.url, bulk=True)  # adding to what is there would leave the old title
    assert place.changes() == [("DELETE", HEADER), ("PUT", PAPER), ("PUT", HEADER)]


def test_bulk_is_cut_into_requests(place, folder, rich_graph, monkeypatch):
    monkeypatch.setattr("kg.push.BATCH", 3000)
    place.faults.extend([None] * 3 + ["drop"] * 3)
    with pytest.raises(PushError):
        push(folder, place.url, store=place.client(), bulk=True)
    push(folder, place.url, bulk=True)
    assert set(place.store) == expected(rich_graph)
    assert len(place.changes()) > 5


def test_a_store_that_was_emptied_is_filled_again(place, folder, rich_graph):
    push(folder, place.url)
    place.store.clear()
    assert push(folder, place.url).sent == 4
    assert set(place.store) == expected(rich_graph)


def test_a_store_has_no_header_while_it_does_not_hold_all_of_a_build(place, folder, rich_graph, put_graph):
    push(folder, place.url)
    put_graph(folder, changed(rich_graph, b=None))
    place.faults.extend([None, None, *["drop"] * 3])  # the header is asked for and removed; then it breaks
    with pytest.raises(PushError):
        push(folder, place.url, store=place.client())
    assert not list(place.store.quads_for_pattern(None, None, None, ox.NamedNode(HEADER)))
    place.faults.clear()
    push(folder, place.url)
    assert set(place.store) == expected(changed(rich_graph, b=None))


def test_a_store_that_was_emptied_before_a_push_went_on_is_filled(place, folder, rich_graph):
    place.faults.extend([None] * 4 + ["drop"] * 3)
    with pytest.raises(PushError):
        push(folder, place.url, store=place.client())
    assert len(place.store)
    place.faults.clear()
    place.store.clear()
    push(folder, place.url)
    assert set(place.store) == expected(rich_graph)


@pytest.mark.parametrize("broken", [False, True])
def test_a_lost_journal_mixes_nothing_even_in_bulk(place, folder, rich_graph, put_graph, broken, caplog):
    put_graph(folder, changed(rich_graph, b=Paper(id="b", title="The title before")))
    push(folder, place.url, bulk=True)
    if broken:  # as if the header had never come
        place.store.clear_graph(ox.NamedNode(HEADER))
    for journal in (folder / "push").iterdir():
        journal.unlink()
    place.changes()
    put_graph(folder, rich_graph)
    push(folder, place.url, bulk=True)
    assert {method for method, _ in place.changes()} == {"PUT"}  # each graph takes the place of the one before
    assert set(place.store) == expected(rich_graph)
    assert "all is sent again; papers that are no longer built may stay there" in caplog.text


def test_what_others_keep_in_the_store_stays(place, folder):
    other = ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.NamedNode("urn:o"), ox.NamedNode("urn:g"))
    place.store.add(other)
    push(folder, place.url)
    assert other in place.store


def test_a_dry_run_changes_nothing(place, folder):
    assert push(folder, place.url, dry_run=True) == Pushed(sent=4)
    assert place.changes() == []
    assert push(folder, place.url) == Pushed(sent=4)


def counts(place):
    """What the header says: how many statements and papers there are."""
    of = {
        quad.predicate.value.rpartition("#")[2]: int(quad.object.value)
        for quad in place.store.quads_for_pattern(
            ox.NamedNode(f"{BASE}dataset"), ox.NamedNode("http://rdfs.org/ns/void#triples"), None, None
        )
    }
    papers = place.store.quads_for_pattern(
        ox.NamedNode(f"{BASE}dataset#class/Paper"), ox.NamedNode("http://rdfs.org/ns/void#entities"), None, None
    )
    return of["triples"], *(int(quad.object.value) for quad in papers)


def test_a_withdrawn_paper_stays_out_until_it_is_restored(place, folder, rich_graph):
    push(folder, place.url)
    place.changes()
    assert withdraw(folder, place.url, "b") == PAPER
    assert place.changes() == [("DELETE", HEADER), ("DELETE", PAPER)]
    assert set(place.store) == expected(rich_graph, without=[PAPER, HEADER])
    assert push(folder, place.url) == Pushed(sent=1, unchanged=2, withdrawn=1)
    assert counts(place) == (len(place.store), 1)  # nobody counts what is not there
    place.store.clear()
    assert push(folder, place.url) == Pushed(sent=3, withdrawn=1)  # even into an emptied store
    assert push(folder, place.url) == Pushed(unchanged=3, withdrawn=1)
    restore(folder, place.url, "b")
    assert push(folder, place.url) == Pushed(sent=2, unchanged=2)
    assert set(place.store) == expected(rich_graph)


def test_a_paper_can_be_withdrawn_that_was_never_sent_or_is_no_longer_built(place, folder, rich_graph, put_graph):
    withdraw(folder, place.url, "b")
    assert push(folder, place.url) == Pushed(sent=3, withdrawn=1)
    put_graph(folder, changed(rich_graph, b=None))
    assert push(folder, place.url).deleted == 0
    with pytest.raises(InputError, match="no paper 'nobody'"):
        withdraw(folder, place.url, "nobody")
    with pytest.raises(InputError, match="'a' was not withdrawn"):
        restore(folder, place.url, "a")


@pytest.mark.parametrize("asks", ["Basic", "Digest", "Bearer"])
def test_authentication_comes_from_the_environment(place, folder, rich_graph, monkeypatch, asks):
    place.asks = asks
    for name in ("KG_PUSH_USER", "KG_PUSH_PASSWORD", "KG_PUSH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(PushError, match="refused with 401 .*set KG_PUSH_USER"):
        push(folder, place.url)
    if asks == "Bearer":
        monkeypatch.setenv("KG_PUSH_TOKEN", "token")
    else:
        monkeypatch.setenv("KG_PUSH_USER", "ada")
        monkeypatch.setenv("KG_PUSH_PASSWORD", "secret")
    push(folder, place.url)
    assert set(place.store) == expected(rich_graph)
    assert "secret" not in "".join(path.read_text() for path in (folder / "push").iterdir())


def test_a_wrong_password_is_one_line(place, folder, monkeypatch):
    place.asks = "Basic"
    monkeypatch.setenv("KG_PUSH_USER", "ada")
    monkeypatch.setenv("KG_PUSH_PASSWORD", "wrong")
    with pytest.raises(PushError, match="refused with 401"):
        push(folder, place.url)


def test_refusals_and_silence_are_one_line(place, folder):
    place.faults.extend([None, None, 400])
    with pytest.raises(PushError, match="PUT .*entities: refused with 400 Bad Request: busy"):
        push(folder, place.url, store=place.client())
    place.faults.extend([None, 302])
    with pytest.raises(PushError, match="refused with 302 .*points to elsewhere"):
        push(folder, place.url, store=place.client())
    closed = "http://127.0.0.1:9/store"
    from kg.push.protocol import GraphStore

    with pytest.raises(PushError, match="Connection refused") as caught:
        push(folder, closed, store=GraphStore(closed, retries=0))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["store", "ftp://example.org/", "http://", "http://[", "http://ada:secret@example.org/"]
)
def test_addresses_that_are_none(folder, url):
    with pytest.raises(InputError, match="address") as caught:
        push(folder, url)
    assert "secret" not in str(caught.value) or "ada" not in url


def test_a_folder_without_a_graph(place, tmp_path):
    with pytest.raises(StoreError, match="no graph in"):
        push(tmp_path, place.url)
    assert list(tmp_path.iterdir()) == []


def test_stores_are_kept_apart(place, folder):
    push(folder, place.url)
    assert push(folder, f"{place.url}?other").sent == 4


def test_a_line_of_the_journal_that_broke_off_is_passed_over(place, folder, rich_graph):
    push(folder, place.url)
    (journal,) = (folder / "push").iterdir()
    lines = journal.read_text().splitlines(keepends=True)
    assert json.loads(lines[0]) == {"store": place.url}
    journal.write_text("".join(lines[:-1]) + lines[-1][:20])
    push(folder, place.url)
    assert set(place.store) == expected(rich_graph)
    assert push(folder, place.url) == Pushed(unchanged=4)


def test_hostile_ids_and_texts_arrive(place, folder, rich_graph, put_graph):
    text = 'a/../b "x" <y> \\ \n {z} %2F\x00\u202e'
    hostile = KnowledgeGraph(
        papers=[Paper(id=text, title=text)], entities=[replace(rich_graph.entities[0], id=text)], links=[]
    )
    put_graph(folder, hostile)
    push(folder, place.url)
    assert set(place.store) == expected(hostile)
    withdraw(folder, place.url, text)
    assert {quad.graph_name.value for quad in place.store} == {f"{BASE}graph/entities"}
