"""Opening the page: what one sees first, searches and filters."""

import re

from playwright.sync_api import expect

MODEL, DATASET = (0x7E, 0x22, 0xCE), (0x15, 0x80, 0x3D)


# First sight


def test_it_opens_and_says_what_one_sees(visit):
    page = visit(afresh=True)
    expect(page.find("#sight")).to_contain_text("9 papers (squares) and the")
    expect(page.find("#sight")).to_contain_text("Search and lists reach the rest")
    expect(page.tab).to_have_title("Ten papers")
    assert page.drawn() > 15
    assert page.dot(MODEL)


def test_many_papers_show_what_they_share(visit):
    page = visit("many.html")
    expect(page.find("#sight")).to_contain_text("most telling of")
    assert 50 < page.drawn() <= 150


# Search


def test_search_finds_entities_aliases_and_titles(visit):
    page = visit()
    page.find("#search").fill("lanterns")
    expect(page.find("[role=listbox] [role=option]").first).to_contain_text("Lantern also Lanterns")
    page.find("#search").fill("tinypics10")
    expect(page.find("[role=listbox] [role=option]").first).to_contain_text("TinyPics-10")
    page.find("#search").fill("naive sparsity")
    expect(page.find("[role=listbox] [role=option]")).to_have_text(["Naïve Scaling of OWL to 93% Sparsity2022"])
    page.find("#search").fill("zzz")
    expect(page.find("#suggestions")).to_have_text("Nothing goes by that name.")


def test_slips_of_the_hand_are_forgiven(visit):
    page = visit()
    for typed in ("picturnet", "PictureNte", "pictturenet"):
        page.find("#search").fill(typed)
        expect(page.find("#suggestions")).to_contain_text("Nothing goes by that name. Nearest:")
        expect(page.find("[role=option]")).to_have_count(1)
        expect(page.find("[role=option][aria-selected=true] .name")).to_have_text("PictureNet")
    page.press("Enter")
    expect(page.heading).to_have_text("PictureNet")


def test_search_finds_words_in_any_order_and_one_letter_only_where_a_word_begins(visit):
    page = visit()
    page.find("#search").fill("classification image")
    expect(page.find("[role=option]").first).to_contain_text("image classification")
    page.find("#search").fill("w")
    names = page.find("[role=option] .name").all_inner_texts()
    assert names
    assert all(re.search(r"\bw", name, re.I) for name in names)


def test_what_goes_together_is_named_and_can_be_shown(visit):
    page = visit("many.html")
    themes = page.find(".themes li")
    assert themes.count() > 3
    before = page.dot(DATASET)
    themes.first.get_by_role("button").click()
    page.js("() => new Promise((done) => setTimeout(done, 600))")
    assert page.dot(DATASET) != before


def test_what_is_not_drawn_is_drawn_when_it_is_chosen(visit):
    page = visit()
    before = page.drawn()
    page.look_up("moon table")
    expect(page.heading).to_have_text("moon table")
    assert page.drawn() > before
    page.look_up("a paper of its own")
    expect(page.heading).to_have_text("A Paper of Its Own: tide prediction")
    page.find("#reset").click()
    assert page.drawn() == before


def test_the_best_answers_come_first(visit, many_papers):
    """Beside a search that ranks everything: the same, then its beginning, a word's, inside, and all its words."""

    def rank(name: str, query: str) -> int:
        if name == query or name.startswith(query):
            return int(name != query)
        if f" {query}" in name:
            return 2
        return 3 if query in name else 4 if all(word in name for word in query.split()) else 9

    page = visit("many.html")
    order = list(many_papers.entities)
    for query in ("deep graph 8", "deep", "ee", "graph 1", "1", "10", "graph deep", "e la", "t 2"):
        ranked = sorted((rank(entity.name, query), -entity.papers, order.index(entity)) for entity in order)
        expected = [order[place].name for level, _, place in ranked if level < (3 if len(query) == 1 else 9)][:8]
        page.find("#search").fill(query)
        shown = page.find("[role=option]:not(.t-Paper) .name").all_inner_texts()
        assert shown == expected, query


def test_search_by_keyboard_alone(visit):
    page = visit()
    page.press("/")
    expect(page.find("#search")).to_be_focused()
    page.type("o")
    first = page.find("[role=option][aria-selected=true]").inner_text()
    page.press("ArrowDown")
    chosen = page.find("[role=option][aria-selected=true]")
    assert chosen.inner_text() != first
    assert page.find("#search").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.press("ArrowUp")
    page.press("Enter")
    expect(page.heading).to_be_focused()
    page.press("Escape")
    expect(page.heading).to_have_count(0)
    page.press("/")
    page.type("owl")
    page.press("Escape")
    expect(page.find("#suggestions")).to_be_hidden()
    expect(page.find("#search")).to_have_value("")


# Filters


def test_the_legend_filters_by_type(visit):
    page = visit(link="#tab=entities")
    page.button("Data sets").click()
    assert set(page.rows(1)) == {"Data set"}
    expect(page.button("Data sets")).to_have_attribute("aria-pressed", "true")
    page.button("Models").click()
    assert set(page.rows(1)) == {"Data set", "Model"}
    page.button("Clear filters").click()
    assert set(page.rows(1)) == {"Data set", "Model", "Method", "Metric", "Task"}


def test_role_years_papers_venue_and_confidence_filter(visit):
    page = visit(link="#tab=entities")
    page.find("#role").select_option(label="introduces")
    assert set(page.rows()) == {"StairNet", "step connection", "Lantern", "OWL", "masked word prediction", "moon table"}
    page.find("#from").fill("2018")
    assert set(page.rows()) == {"OWL", "masked word prediction", "moon table"}
    page.find("#until").fill("2020")
    assert set(page.rows()) == {"OWL", "masked word prediction"}
    page.button("Clear filters").click()
    page.find("#more summary").click()
    page.find("#min").fill("4")
    assert dict(zip(page.rows(), page.rows(2), strict=True)) == {
        "Lantern": "5", "OWL": "4", "StairNet": "4", "accuracy": "4"
    }  # fmt: skip
    page.button("Clear filters").click()
    page.find("#more summary").click()
    page.find("#venue").select_option(label="Journal of Small Models")
    page.find("#confidence").fill("50")
    page.press("Escape")
    page.find("#tab-papers").click()
    assert len(page.rows()) == 2
    page.find("#more summary").click()
    page.find("#confidence").fill("95")
    assert page.rows() == []
    assert "confidence=95" in page.tab.url


def test_a_filter_that_leaves_what_single_papers_name_draws_some_of_it(visit):
    page = visit(link="#role=introduces&type=Method,Model")
    assert page.drawn() >= 4
    page = visit("many.html", "#venue=Venue+3&from=2012&until=2012&type=Dataset")
    listed = int(page.find("#tab-entities span").inner_text())
    assert min(listed, 20) <= page.drawn()


def test_a_filter_also_thins_the_drawing(visit):
    page = visit("many.html")
    before = page.drawn()
    page.button("Data sets").click()
    assert page.drawn() < before
    expect(page.find("#sight")).to_contain_text("within the filters")
    page = visit()
    page.button("Metrics").click()
    assert page.drawn() == 3 + 7  # the metrics drawn, and no paper that names none of them
