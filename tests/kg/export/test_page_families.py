"""Variants counted as their families on the page as in Python, and former ids that lead on."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from kg.export.html import write_html
from kg.graph import KnowledgeGraph


def with_families(graph: KnowledgeGraph, variant_of: dict[str, str], **more) -> KnowledgeGraph:
    entities = [replace(entity, variant_of=variant_of.get(entity.id)) for entity in graph.entities]
    return KnowledgeGraph(
        papers=graph.papers, entities=entities, links=graph.links, results=graph.results, info=graph.info, **more
    )


@pytest.fixture(scope="module")
def owls(pages, ten_papers) -> KnowledgeGraph:
    """OWL is a Lantern, and a StairNet is one too; a data set goes by another id now."""
    graph = with_families(
        ten_papers, {"owl": "lantern", "stairnet": "owl"}, replaced={"glow-bench": "glow", "owl-large": "owl"}
    )
    write_html(graph, pages / "owls.html")
    return graph


@pytest.fixture(scope="module")
def many_families(pages, many_papers) -> KnowledgeGraph:
    """Families of any depth, of mixed types and roles."""
    ids = [entity.id for entity in many_papers.entities]
    roles = ("uses", "mentions", "introduces", "compares")
    graph = with_families(many_papers, {id_: ids[place // 3] for place, id_ in enumerate(ids) if place % 4 > 1})
    links = [
        replace(link, role=roles[place % 7 % 4], confidence=(place % 50) / 50) for place, link in enumerate(graph.links)
    ]
    graph = KnowledgeGraph(
        papers=graph.papers, entities=graph.entities, links=links, results=graph.results, info=graph.info
    )
    write_html(graph, pages / "families.html")
    return graph


def entities_listed(page) -> dict[str, int]:
    """Name and papers of every row of the list, as it is copied."""
    page.button("Copy as CSV").click()
    rows = [line.split(",") for line in page.js("window.copied").strip().split("\r\n")[1:]]
    return {row[0]: int(row[2]) for row in rows}


def test_families_are_counted_as_python_counts_them(visit, many_families):
    coarse = many_families.roll_up()
    page = visit("families.html", "#tab=entities&families=1")
    assert entities_listed(page) == {entity.name: entity.papers for entity in coarse.entities if entity.papers}
    for role in ("introduces", "mentions"):
        page.go(f"tab=entities&families=1&role={role}")
        counted: dict[str, int] = {}
        for link in coarse.links:
            if link.role == role:
                name = coarse.entity(link.entity_id).name
                counted[name] = counted.get(name, 0) + 1
        assert entities_listed(page) == counted
    page.go("tab=entities&families=1&confidence=90")
    sure = {coarse.entity(link.entity_id).name for link in coarse.links if round(100 * link.confidence) >= 90}
    assert set(entities_listed(page)) == sure


def test_results_are_those_of_the_families(visit, many_families):
    coarse = many_families.roll_up()
    page = visit("families.html", "#tab=results&families=1")
    page.button("Copy as CSV").click()
    header, *rows = [line.split(",") for line in page.js("window.copied").strip().split("\r\n")]
    shown = sorted(row[header.index("Data set")] for row in rows)
    assert shown == sorted(coarse.entity(r.dataset_id).name if r.dataset_id else "" for r in coarse.results)


def test_the_switch_and_back(visit, owls):
    page = visit("owls.html")
    before = page.drawn()
    models = page.button("Models").inner_text()
    page.tab.get_by_label("Families").check()
    assert "families=1" in page.tab.url
    assert page.drawn() < before
    assert page.button("Models").inner_text() != models
    page.tab.go_back()
    expect(page.tab.get_by_label("Families")).not_to_be_checked()
    assert page.drawn() == before


def test_a_page_without_variants_has_no_switch(visit):
    expect(visit().find("#families")).to_be_hidden()


def test_the_panel_leads_from_variant_to_family_and_back(visit, owls):
    page = visit("owls.html", "#entity=stairnet")
    facts = page.find(".facts")
    expect(facts).to_contain_text("Variant of\nOWL\nLantern", use_inner_text=True)
    papers = len({link.paper_id for link in owls.roll_up().links if link.entity_id == "lantern"})
    facts.get_by_role("link", name=f"Lantern with all its variants: {papers} papers").click()
    expect(page.heading).to_have_text("Lantern")
    expect(page.find("#body header")).to_contain_text(f"Named by {papers} papers of 10.")
    expect(facts).to_contain_text("StairNets 1")  # how its variants are written
    facts.get_by_role("link", name="StairNet", exact=True).click()
    expect(page.heading).to_have_text("StairNet")
    expect(page.tab.get_by_label("Families")).not_to_be_checked()


def test_what_is_read_of_a_variant_leads_to_its_family(visit, owls):
    page = visit("owls.html", "#paper=w02&families=1")
    page.find("#abstract mark", has_text="StairNet").click()
    expect(page.heading).to_have_text("Lantern")
    page.go("paper=w06&families=1")  # names Lantern, which it uses, and StairNet, with which it compares
    assert page.find(".entities li", has_text="Lantern").count() == 1
    page.find(".entities li", has_text="Lantern").get_by_role("button", name="why").click()
    assert page.find("#abstract .pointed").inner_text() == "Lantern"


def test_search_and_links_end_at_the_family(visit, owls):
    page = visit("owls.html", "#families=1")
    page.find("#search").fill("stairnet")
    expect(page.find("[role=option]").first).to_contain_text("Lantern also StairNet")
    page.find("#search").fill("stairnte")
    expect(page.find("[role=option]").first).to_contain_text("Lantern also StairNet")
    page.press("Enter")
    expect(page.heading).to_have_text("Lantern")
    page.go("entity=owl&families=1")
    expect(page.heading).to_have_text("Lantern")
    page.go("entity=owl&to=stairnet&families=1")
    expect(page.find(".path")).to_have_count(0)


def test_a_former_id_leads_to_what_it_became(visit, owls):
    page = visit("owls.html", "#entity=glow-bench", afresh=True)
    expect(page.heading).to_have_text("GLOW")
    page.go("entity=picturenet&to=glow-bench")
    assert page.find(".path li").last.inner_text() == "GLOW"
    page.go("entity=owl-large&families=1")
    expect(page.heading).to_have_text("Lantern")
