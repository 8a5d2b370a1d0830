"""What a reader can do on the open page."""

from playwright.sync_api import expect

from kg.export.html import write_html

MODEL, DATASET = (0x7E, 0x22, 0xCE), (0x15, 0x80, 0x3D)


# Selection in the graph


def test_a_click_selects_highlights_and_a_click_beside_clears(visit):
    page = visit()
    page.tab.mouse.click(*page.dot(MODEL))
    expect(page.find(".kind")).to_contain_text("Model")
    assert "highlighted" in page.find("#network").get_attribute("aria-label")
    page.tab.mouse.click(5 + page.find("#network").bounding_box()["x"], page.find("#network").bounding_box()["y"] + 5)
    expect(page.heading).to_have_count(0)


def test_pointing_at_a_dot_names_it(visit):
    page = visit()
    page.tab.mouse.move(*page.dot(DATASET))
    expect(page.find("#tip")).to_contain_text("Data set")


def test_the_graph_by_keyboard(visit):
    page = visit("many.html")
    page.find("#network").focus()
    page.press("ArrowRight")
    first = page.heading.inner_text()
    for key in ("ArrowLeft", "ArrowUp", "ArrowDown"):
        page.press(key)
    assert page.heading.inner_text() != first
    before = page.drawn()
    page.press("Enter")
    assert page.drawn() >= before
    name = page.heading.inner_text()
    page.press("Delete")
    expect(page.heading).to_have_count(0)
    page.press("ArrowRight")
    assert page.heading.inner_text() != name
    page.press("Escape")
    expect(page.heading).to_have_count(0)
    for key in ("+", "-", "0"):
        page.press(key)


def test_a_double_click_adds_neighbours(visit):
    page = visit("many.html", afresh=True)
    before = page.drawn()
    page.tab.mouse.dblclick(*page.dot(DATASET))
    expect(page.find("#said")).to_contain_text("added")
    assert page.drawn() > before


def test_a_dot_that_is_dragged_stays_where_it_was_put(visit):
    page = visit(afresh=True)
    x, y = page.dot(DATASET)
    page.tab.mouse.move(x, y)
    page.tab.mouse.down()
    page.tab.mouse.move(x - 60, y + 40, steps=4)
    page.tab.mouse.up()
    page.tab.mouse.move(1270, 400)
    page.tab.mouse.click(x - 60, y + 40)
    expect(page.find(".kind")).to_contain_text("Data set")


def test_neighbours_and_papers_can_be_added_and_nodes_hidden(visit):
    page = visit("many.html")
    start = page.drawn()
    page.find("#body .bars a").first.click()
    name = page.heading.inner_text()
    page.button("+ Neighbours").click()
    more = page.drawn()
    assert more == start + 12
    page.button("+ Papers").click()
    assert page.drawn() > more
    before = page.drawn()
    page.button("Hide").click()
    assert page.drawn() < before
    page.look_up(name)
    expect(page.heading).to_have_text(name)
    page.button("Start over").click()
    assert page.drawn() == start


def test_what_was_added_and_hidden_is_in_the_link_and_in_the_history(visit):
    page = visit("many.html")
    start = page.drawn()
    page.find("#body .bars a").first.click()
    page.button("+ Neighbours").click()
    link = page.tab.url.partition("#")[2]
    assert page.drawn() == start + 12
    page.tab.go_back()
    assert page.drawn() == start
    page.tab.go_forward()
    assert page.drawn() == start + 12
    page.button("Hide").click()
    assert page.drawn() == start + 11
    without = page.tab.url.partition("#")[2]
    assert visit("many.html", f"#{link}", afresh=True).drawn() == start + 12
    assert visit("many.html", f"#{without}", afresh=True).drawn() == start + 11


def test_a_large_picture_is_painted_while_it_moves(visit, many_papers):
    added = "&".join(
        [f"added={entity.id}" for entity in many_papers.entities] + [f"added-paper=m{n:05}" for n in range(200)]
    )
    page = visit("many.html", f"#{added}", afresh=True)
    assert page.drawn() > 650
    page.tab.mouse.move(300, 500)
    page.tab.mouse.down()
    page.tab.mouse.move(330, 480, steps=3)
    assert page.dot(MODEL)
    assert page.dot(DATASET)
    page.tab.mouse.up()
    assert page.dot(MODEL)


def test_a_full_picture_says_so(visit, pages, many_papers, monkeypatch):
    monkeypatch.setattr("kg.export.html.page.MOST_DRAWN", 130)
    write_html(many_papers, pages / "full.html")
    page = visit("full.html")
    page.find("#body .bars a").first.click()
    for _ in range(3):
        page.button("+ Neighbours").click()
    assert page.drawn() == 130
    expect(page.find("#sight")).to_have_text("The picture is full with 130 nodes: hide some, or start over.")
    expect(page.find("#said")).to_contain_text("The picture is full")
    link = page.tab.url.partition("#")[2]
    assert visit("full.html", f"#{link}&added=deep-deep-109&added=deep-deep-233", afresh=True).drawn() == 130
    page.find("#reset").click()
    expect(visit("full.html").find("#sight")).to_contain_text("most telling of")


def test_the_way_between_two_entities(visit):
    page = visit(link="#entity=picturenet")
    page.button("Path to …").click()
    expect(page.find("#search")).to_be_focused()
    page.type("glow")
    page.press("Enter")
    steps = page.find(".path li").all_inner_texts()
    assert (steps[0], steps[-1]) == ("PictureNet", "GLOW")
    assert len(steps) == 5
    assert "to=glow" in page.tab.url
    page.button("Leave the path").click()
    expect(page.find(".path")).to_have_count(0)
    page.tab.goto(page.tab.url + "&to=moon-table")
    expect(page.find("#body")).to_contain_text("Nothing within the filters leads to moon table.")


# The panel


def test_the_panel_of_an_entity(visit):
    page = visit(link="#entity=picturenet")
    body = page.find("#body")
    expect(page.heading).to_have_text("PictureNet")
    expect(body).to_contain_text("Named by 3 papers of 10.")
    expect(body.get_by_role("link", name="https://example.org/id/picturenet")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    assert body.locator("a[href^='javascript']").count() == 0
    expect(body).to_contain_text("javascript:alert(1)")
    expect(body.locator(".role")).to_contain_text("used by 3")
    expect(body.get_by_role("img", name="Papers by year: 2015 1, 2016 1, 2020 1")).to_be_visible()
    expect(body.locator(".bars")).to_contain_text("image classification")
    values = page.rows(1)
    assert sorted(values) == ["76.5%", "88.1%"]
    page.find("#body th", has_text="Value").get_by_role("button").click()
    assert page.rows(1) == values[::-1]
    body.get_by_role("link", name="How Wide Should StairNets Be?").click()
    expect(page.heading).to_have_text("How Wide Should StairNets Be?")


def test_the_abstract_of_a_paper_with_its_mentions_marked(visit):
    page = visit(link="#paper=w09")
    expect(page.heading).to_have_text("Naïve Scaling of OWL to 93% Sparsity")
    abstract = page.find("#abstract")
    expect(abstract).to_contain_text("We prune OWL to 93% sparsity.")
    assert abstract.locator("mark").all_inner_texts() == ["OWL", "GLOW", "accuracy", "latency", "Self-attention"]
    colours = {
        mark.inner_text(): mark.evaluate("mark => getComputedStyle(mark).borderBottomColor")
        for mark in abstract.locator("mark").all()
    }
    assert colours["GLOW"] == "rgb({}, {}, {})".format(*DATASET)
    assert colours["OWL"] == "rgb({}, {}, {})".format(*MODEL)
    abstract.get_by_text("GLOW").click()
    expect(page.heading).to_have_text("GLOW")


def test_a_paper_has_its_facts_and_leads_outside_safely(visit):
    page = visit(link="#paper=w01")
    header = page.find("#body header")
    expect(header).to_contain_text("Ada Example, Ben Sample")
    expect(header).to_contain_text("Northern Vision 2015")
    expect(header.get_by_role("link", name="doi:10.1000/w01")).to_have_attribute("href", "https://doi.org/10.1000/w01")
    expect(page.find("#body section", has_text="Compares with")).to_contain_text("FlatNet")


def test_a_result_leads_to_its_sentence(visit):
    page = visit(link="#paper=w01")
    page.find(".results").get_by_role("button", name="sentence").click()
    sentence = "".join(page.find("#abstract .pointed").all_inner_texts())
    assert sentence == "On PictureNet it reaches 76.5% top-1 accuracy, 2.1 points above FlatNet."
    page.find("#tab-results").click()
    page.find("#body tr", has_text="28.4").get_by_role("button", name="28.4").click()
    expect(page.heading).to_have_text("Lantern: Attention without Recurrence")
    assert "".join(page.find("#abstract .pointed").all_inner_texts()).startswith("It scores 28.4 BLEU")


def test_the_reason_of_a_role_is_shown(visit):
    page = visit(link="#paper=w01")
    page.find(".entities li", has_text="FlatNet").get_by_role("button", name="why").click()
    assert page.find("#abstract .pointed").inner_text() == "FlatNet"


# Lists


def test_lists_sort_grow_and_copy(visit):
    page = visit("many.html", "#tab=papers")
    assert len(page.rows()) == 100
    page.button("Show 200 more of 400").click()
    assert len(page.rows()) == 300
    assert page.rows(1) == sorted(page.rows(1), reverse=True)  # newest first
    expect(page.find("th", has_text="Year")).to_have_attribute("aria-sort", "descending")
    page.button("Year").click()
    assert page.rows(1) == sorted(page.rows(1))
    page.button("Title").click()
    assert page.rows() == sorted(page.rows(), key=str.lower)
    page.button("Copy as CSV").click()
    lines = page.js("window.copied").split("\r\n")
    assert lines[0] == "Title,Year,Venue,Entities"
    assert len(lines) == 502


def test_what_the_picture_shows_can_be_listed(visit):
    page = visit("many.html", "#tab=entities")
    page.tab.get_by_label("Drawn only").check()
    page.button("more").click()
    assert len(page.rows()) == page.drawn()
    page.go("tab=entities&drawn=1&entity=deep-robust-12")
    highlighted = int(page.find("#network").get_attribute("aria-label").split("; ")[1].split()[0])
    expect(page.tab.get_by_label("Highlighted only")).to_be_checked()
    assert len(page.rows()) == highlighted
    page.find("#tab-papers").click()
    expect(page.find("#body")).to_contain_text("None of these is in the picture.")
    page.tab.get_by_label("Highlighted only").uncheck()
    assert len(page.rows()) == 100


def test_the_lists_of_an_entity_are_copied_whole(visit, ten_papers):
    page = visit(link="#entity=owl")
    for heading, first in (("Named together with", "Name,Type,Papers"), ("Papers", "Title,Year,Venue,Role")):
        section = page.find("#body section").filter(has=page.tab.get_by_role("heading", name=heading))
        section.get_by_role("button", name="Copy as CSV").click()
        lines = page.js("window.copied").strip().split("\r\n")
        assert lines[0] == first
        copied = [line.split(",") for line in lines[1:]]
        if heading == "Papers":
            assert len(copied) == len(ten_papers.papers_of("owl")) == 4
            assert copied[0] == ["OWL: Pre-training of Lanterns for Language", "2018", "Words and Models", "introduces"]
        else:
            named = {
                link.entity_id for paper in ten_papers.papers_of("owl") for link in ten_papers.links_from(paper.id)
            }
            assert len(copied) == len(named) - 1
            assert copied[0] == ["accuracy", "Metric", "4"]


def test_tabs_by_keyboard(visit):
    page = visit()
    page.find("#tab-details").focus()
    page.press("ArrowRight")
    expect(page.find("#tab-entities")).to_be_focused()
    expect(page.find("#tab-entities")).to_have_attribute("aria-selected", "true")
    assert len(page.rows()) > 20


# Links and history


def test_back_and_forward(visit):
    page = visit()
    page.look_up("owl")
    page.find("#body").get_by_role("link", name="accuracy").first.click()
    expect(page.heading).to_have_text("accuracy")
    page.tab.go_back()
    expect(page.heading).to_have_text("OWL")
    page.tab.go_back()
    expect(page.heading).to_have_count(0)
    page.tab.go_forward()
    expect(page.heading).to_have_text("OWL")
    expect(page.tab).to_have_title("OWL · Ten papers")


def test_the_link_of_what_is_shown_is_copied(visit):
    page = visit(link="#entity=owl&type=Model")
    page.button("Copy link").click()
    assert page.js("window.copied") == page.tab.url
    expect(page.find("#said")).to_have_text("Copied")


def test_a_link_restores_the_view(visit):
    page = visit(link="#entity=lantern&type=Dataset,Model&role=uses&from=2018&min=2&theme=dark", afresh=True)
    expect(page.heading).to_have_text("Lantern")
    expect(page.button("Data sets")).to_have_attribute("aria-pressed", "true")
    expect(page.find("#role")).to_have_value("1")
    expect(page.find("#from")).to_have_value("2018")
    expect(page.find("#min")).to_have_value("2")
    assert page.js("document.documentElement.dataset.theme") == "dark"


def test_a_link_to_what_is_not_there_opens_the_first_sight(visit):
    page = visit(link="#entity=nobody&type=Nothing&from=x&min=-3&tab=no&venue=%E0%A4%A", afresh=True)
    expect(page.heading).to_have_count(0)
    assert page.drawn() > 15
