"""The page as a folder: a small index, and parts of the data that it loads when they are needed."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from kg.export import write
from kg.export.html.data import TEXTS_EACH
from kg.export.html.folder import write_folder
from schemas.errors import InputError


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def folder(pages, many_papers):
    write(many_papers, f"{pages}/parted/")
    return pages / "parted"


def test_a_slash_at_the_end_asks_for_a_page(folder, many_papers):
    names = [re.sub("data-[0-9a-f]{12}", "data", name) for name in sorted(files(folder))]
    assert names == ["data/graph.js", *(f"data/texts-{n}.js" for n in range(-(-500 // TEXTS_EACH))), "index.html"]


def test_the_index_stays_small(folder, many_papers, ten_papers, tmp_path):
    write_folder(ten_papers, tmp_path / "ten")
    sizes = [(page / "index.html").stat().st_size for page in (folder, tmp_path / "ten")]
    assert abs(sizes[0] - sizes[1]) < 100
    assert sizes[0] < 700_000


def test_it_may_load_only_what_lies_beside_it(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert policy.startswith("default-src 'none'; script-src 'self' file: 'sha256-")
    assert "unsafe" not in policy


def test_the_same_graph_gives_the_same_folder_and_another_leaves_nothing_behind(ten_papers, many_papers, tmp_path):
    write_folder(ten_papers, tmp_path / "one")
    write_folder(many_papers, tmp_path / "two")
    (tmp_path / "two" / "CNAME").write_text("mine")
    write_folder(ten_papers, tmp_path / "two")
    assert files(tmp_path / "two") == files(tmp_path / "one") | {"CNAME": b"mine"}


def test_a_failed_write_leaves_the_page_as_it_was(ten_papers, tmp_path, monkeypatch):
    write_folder(ten_papers, tmp_path)
    before = files(tmp_path)
    monkeypatch.setattr("kg.export.html.page.text_blocks", lambda graph: iter([object()]))
    with pytest.raises(TypeError):
        write_folder(ten_papers, tmp_path, title="Another")
    assert files(tmp_path) == before


def test_exported_tables_are_not_mixed_with_a_page(ten_papers, tmp_path):
    write(ten_papers, tmp_path / "tables")
    before = files(tmp_path)
    with pytest.raises(InputError, match="tables/ holds papers.csv"):
        write(ten_papers, f"{tmp_path}/tables/")
    assert files(tmp_path) == before
    with pytest.raises(InputError, match="max_nodes is 0"):
        write_folder(ten_papers, tmp_path / "page", max_nodes=0)


def test_texts_are_loaded_when_a_paper_is_opened(visit, folder):
    page = visit("parted/index.html")
    loaded = "[...document.querySelectorAll('head script')].map((script) => script.src.split('/').pop())"
    page.find("#search").fill("deep")
    expect(page.find("[role=option]")).to_have_count(14)
    assert page.js(loaded) == []
    page.go("paper=m00301")
    expect(page.find("#abstract")).to_contain_text("We reach")
    assert page.find("#abstract mark").count() > 2
    expect(page.find("#body header")).to_contain_text("Ada Example")
    page.go("paper=m00302")
    expect(page.find("#abstract")).to_contain_text("We reach")
    assert page.js(loaded) == ["texts-1.js"]


def test_a_result_leads_to_a_sentence_that_is_not_there_yet(visit, folder):
    page = visit("parted/index.html", "#tab=results", afresh=True)
    page.find("#body tbody tr").first.get_by_title("Show the sentence").click()
    expect(page.find("#abstract .pointed").first).to_contain_text("We reach")


def test_missing_parts_are_named(visits, folder, pages):
    shutil.copytree(folder, pages / "broken")
    data = next((pages / "broken").glob("data-*"))
    (data / "texts-1.js").unlink()
    page = visits("broken/index.html", "#paper=m00301")
    expect(page.find("#abstract")).to_contain_text("Part of this page is missing")
    page.go("paper=m00001")
    expect(page.find("#abstract")).to_contain_text("We reach")
    shutil.rmtree(data)
    page.tab.reload()
    expect(page.find("#sight")).to_contain_text("Part of this page is missing")
