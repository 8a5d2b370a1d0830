"""How the page looks: contrast, dark and light, widths, print, a frame."""

import pytest
from playwright.sync_api import expect

from kg.export.html import to_frame

MODEL = (0x7E, 0x22, 0xCE)

CONTRAST = """() => {
    const parse = (colour) => {
        const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        c.fillStyle = colour; c.fillRect(0, 0, 1, 1);
        return [...c.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const over = (top, under) =>
        top.slice(0, 3).map((v, i) => v * top[3] / 255 + under[i] * (1 - top[3] / 255)).concat(255);
    const ground = (element) => {
        const layers = [];
        for (let e = element; e; e = e.parentElement) layers.unshift(parse(getComputedStyle(e).backgroundColor));
        return layers.reduce((under, top) => over(top, under), [255, 255, 255, 255]);
    };
    const poor = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility() || element.closest(".hidden, script, noscript, option")) continue;
        const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push([element.className, element.textContent.slice(0, 30), ratio.toFixed(2)]);
    }
    return poor;
}"""

NAMELESS = """() => [...document.querySelectorAll("button, a, input, select, [role=tab], [tabindex='0']")]
    .filter((e) => e.checkVisibility() && !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") ||
        e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_and_names(visit, scheme):
    page = visit(scheme=scheme)
    for link in ("", "entity=picturenet&type=Dataset", "paper=w01", "tab=results"):
        page.go(link)
        assert page.js(CONTRAST) == []
        assert page.js(NAMELESS) == []


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


def test_it_works_in_a_sandboxed_frame(browser, ten_papers):
    said = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_content(to_frame(ten_papers, height=600))
    frame = page.frame_locator("iframe")
    frame.locator("#search").fill("owl")
    frame.get_by_role("option").first.click()
    expect(frame.locator("#heading")).to_have_text("OWL")
    page.close()
    assert said == []
