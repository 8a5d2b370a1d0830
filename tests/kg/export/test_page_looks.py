"""How the page looks: contrast, dark and light, widths, print, a frame."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from kg.export.html import write_html

MODEL = (0x7E, 0x22, 0xCE)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = ("", "entity=picturenet&type=Dataset", "entity=picturenet&to=glow", "paper=w01", "tab=entities", "tab=results")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_keeps_the_rules_of_accessibility(visit, scheme, width):
    """Names, roles, order, sizes and contrast, as axe checks them."""
    page = visit(scheme=scheme, width=width)
    for view in VIEWS:
        page.go(view)
        assert broken_rules(page) == [], view
    page.find("#search").fill("o")
    expect(page.find("[role=option]").first).to_be_visible()
    assert broken_rules(page) == []


def broken_rules(page):
    found = Axe().run(page.tab, options={"runOnly": RULES}).response["violations"]
    return [(rule["id"], node["html"][:100]) for rule in found for node in rule["nodes"]]


def test_dark_and_light(visit):
    page = visit(scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.js(ground)
    page.button("Switch between light and dark").click()
    assert page.js(ground) == "rgb(255, 255, 255)" != dark
    assert "theme=light" in page.tab.url
    assert page.dot(MODEL)


def test_no_width_is_overflowed(visit):
    page = visit()
    for width in (360, 768, 3840):
        page.tab.set_viewport_size({"width": width, "height": 800})
        for link in ("paper=w01", "tab=entities", "tab=papers", "tab=results"):
            page.go(link)
            assert page.js("document.documentElement.scrollWidth") <= width


def test_names_of_any_length_keep_to_the_page(visit, pages, graph_of):
    wide, words = "W" * 200, "a long name " * 20
    text = f"{{Method:uses:{words}}} and {{Model:uses:مرحبا بالعالم}}: {wide}"
    rows = [(name, 2020, wide, text, f"«On {{Dataset:uses:{wide}}} {text} has 3%.»") for name in "ab"]
    write_html(graph_of(rows, title=wide), pages / "long.html")
    for width in (360, 1280):
        page = visit("long.html", width=width)
        for link in ("paper=a", "tab=entities", "tab=papers", "tab=results", f"entity={wide.lower()}", ""):
            page.go(link)
            assert page.js("document.documentElement.scrollWidth") <= width, link
        page.find("#search").fill("w")
        assert page.find("#suggestions").evaluate("list => list.scrollWidth <= list.clientWidth")


def test_what_is_empty_says_so(visit, pages, graph_of):
    page = visit(link="#type=Metric&role=introduces&tab=entities")
    expect(page.find("#sight")).to_have_text("No entity passes the filters.")
    expect(page.find("#body")).to_have_text("Nothing passes the filters.")
    write_html(graph_of([]), pages / "empty.html")
    page = visit("empty.html", "#tab=papers")
    expect(page.find("#sight")).to_have_text("There are no papers in this graph yet.")
    expect(page.find("#body")).to_have_text("There are none.")
    page.find("#search").fill("anything")
    expect(page.find("#suggestions")).to_have_text("Nothing goes by that name.")


def test_the_picture_fills_the_stage_at_any_shape(visit):
    for width, height in ((1280, 800), (900, 640), (360, 740), (1600, 700)):
        page = visit("many.html", width=width, height=height, afresh=True)
        left, top, right, bottom = page.tab.wait_for_function(PAINTED).json_value()
        assert right - left > 0.75, (width, height)
        assert bottom - top > 0.75, (width, height)


def test_a_small_stage_shows_fewer_until_one_looks_closer(visit):
    wide = visit("many.html", afresh=True).drawn()
    page = visit("many.html", width=360, height=740, afresh=True)
    few = page.drawn()
    assert 20 < few < wide
    expect(page.find("#sight")).to_contain_text(f"The {few} most telling of")
    page.find("#network").focus()
    for _ in range(6):
        page.press("+")
        page.js("() => new Promise((done) => setTimeout(done, 400))")
    assert page.drawn() == wide
    expect(page.find("#sight")).to_contain_text(f"The {wide} most telling of")
    page.find("#reset").click()
    expect(page.find("#sight")).to_contain_text(f"The {few} most telling of")


# What was written on the canvas since it was cleared last: [left, top, right, bottom] of each line.
WRITTEN = """
    window.written = [];
    const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.isConnected) window.written = [];
        clearRect.apply(this, box);
    };
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const { a, e, f } = this.getTransform();
        const { width, actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } = this.measureText(text);
        if (this.canvas.isConnected)
            window.written.push({ text, box: [a * x + e, a * (y - up) + f, a * (x + width) + e, a * (y + down) + f] });
        fillText.call(this, text, x, y);
    };
"""


@pytest.mark.parametrize(("width", "height"), [(360, 740), (900, 640), (1280, 800), (3840, 2160)])
def test_names_in_the_picture_cover_no_other_name(browser, pages, width, height):
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.add_init_script(WRITTEN)
    for view in ("", "#entity=deep-robust-12", "#type=Dataset"):
        tab.goto("about:blank")
        tab.goto((pages / "many.html").as_uri() + view)
        tab.wait_for_selector("html[data-ready=true]")
        tab.wait_for_timeout(600)
        names = tab.evaluate("written")
        assert len(names) > 8
        for number, one in enumerate(names):
            for other in names[:number]:
                (left, top, right, bottom), (x0, y0, x1, y1) = one["box"], other["box"]
                apart = left > x1 - 1 or x0 > right - 1 or top > y1 - 1 or y0 > bottom - 1
                assert apart, (one["text"], other["text"], view)
    tab.close()


def test_what_is_chosen_is_brought_into_sight(browser, pages):
    tab = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    tab.add_init_script(WRITTEN)
    tab.goto((pages / "many.html").as_uri() + "#entity=deep-robust-12")
    tab.wait_for_selector("html[data-ready=true]")

    def named_in_sight() -> bool:
        tab.wait_for_timeout(250)
        name = tab.locator("#heading").inner_text()
        width, height = tab.evaluate("(({ width, height }) => [width, height])(document.querySelector('canvas'))")
        boxes = [name_["box"] for name_ in tab.evaluate("written") if name_["text"] == name]
        return any(box[0] > 0 and box[2] < width and box[1] > 0 and box[3] < height for box in boxes)

    def follow(link: str) -> None:
        tab.evaluate("link => { location.hash = link }", link)

    assert named_in_sight()
    tab.locator("#network").focus()
    for _ in range(9):
        tab.keyboard.press("+")
    tab.mouse.move(300, 400)
    tab.mouse.down()
    tab.mouse.move(900, 700, steps=3)
    tab.mouse.up()
    assert not named_in_sight()
    follow("entity=latent-latent-15")
    assert named_in_sight()
    tab.go_back()
    assert named_in_sight()
    for _ in range(9):
        tab.keyboard.press("+")
    tab.locator("#body .bars a").first.click()
    assert named_in_sight()
    tab.close()


def test_those_who_want_calm_see_no_motion(browser, pages):
    for motion, copies in (("reduce", 0), ("no-preference", 1)):
        tab = browser.new_page(reduced_motion=motion)
        tab.goto((pages / "many.html").as_uri())
        tab.wait_for_selector("html[data-ready=true]")
        faded = "() => { document.querySelector('#body .bars a').click(); return document.querySelectorAll('.before').length }"
        assert tab.evaluate(faded) == copies
        tab.close()


def test_the_panel_is_widened_by_keyboard(visit):
    page = visit()
    width = page.find("#panel").bounding_box()["width"]
    page.find("#split").focus()
    for _ in range(3):
        page.press("ArrowLeft")
    assert page.find("#panel").bounding_box()["width"] > width + 60
    assert int(page.find("#split").get_attribute("aria-valuenow")) > 31


# The share of the canvas, from edge to edge, in which something else than the ground is painted.
PAINTED = """() => {
    const canvas = document.querySelector("#network canvas");
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let [left, top, right, bottom] = [1, 1, 0, 0];
    for (let y = 0; y < height; y += 2)
        for (let x = 0; x < width; x += 2)
            if (data[4 * (y * width + x) + 3] === 255) {
                left = Math.min(left, x / width);
                right = Math.max(right, x / width);
                top = Math.min(top, y / height);
                bottom = Math.max(bottom, y / height);
            }
    return right > left && [left, top, right, bottom];
}"""


def test_narrow_pages_scroll_to_the_details(visit):
    page = visit(link="#entity=owl", width=360, height=700)
    page.button("Details below").click()
    expect(page.find("#panel .tabs")).to_be_in_viewport(ratio=1)
    expect(page.find("#network")).not_to_be_in_viewport(ratio=0.5)
    page.button("Filters").click()
    expect(page.find("#role")).to_be_visible()


def test_it_prints_light_and_without_controls(visit):
    page = visit(link="#paper=w01", scheme="dark")
    assert page.tab.pdf()[:4] == b"%PDF"
    page.tab.emulate_media(media="print")
    expect(page.find(".filters")).to_be_hidden()
    assert page.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.dot(MODEL)


def test_a_frame_of_very_many_papers_shows_those_that_name_most(many_papers, monkeypatch):
    monkeypatch.setattr("kg.export.html.MAX_FRAMED", 50)
    frame = many_papers._repr_html_()
    assert frame.startswith("<p>50 of 500 papers, those that name most.")
    assert frame.count("&quot;texts-") == 1
    part = many_papers.subgraph(paper.id for paper in list(many_papers.papers)[:50])
    assert part._repr_html_().startswith("<iframe sandbox=")


def test_a_notebook_shows_a_graph_and_a_part_of_it(browser, ten_papers):
    said = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    part = ten_papers.subgraph(paper.id for paper in ten_papers.papers_of("owl"))
    for graph, papers in ((ten_papers, 10), (part, 4)):
        page.set_content(graph._repr_html_())
        assert page.locator("iframe").bounding_box()["height"] > 600
        frame = page.frame_locator("iframe")
        expect(frame.locator("#counts")).to_contain_text(f"{papers} papers")
        frame.locator("#search").fill("owl")
        frame.get_by_role("option").first.click()
        expect(frame.locator("#heading")).to_have_text("OWL")
        frame.locator("#body").get_by_role("link", name="accuracy").first.click()
        expect(frame.locator("#heading")).to_have_text("accuracy")
        frame.get_by_role("button", name="Copy as CSV").first.click()
        expect(frame.locator("#said")).to_have_text("Copied")
    page.close()
    assert said == []
