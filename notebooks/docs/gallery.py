"""The pictures of the gallery, from the bundled sample: ``make gallery``.

The page is photographed in headless Chromium, the plots are those that ``literature_map.ipynb`` draws. All are written
as WebP into ``gallery/`` beside this file, together well under a megabyte.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image
from playwright.sync_api import Page, sync_playwright

import kg

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OUT = HERE / "gallery"
FLAGS = ["--no-sandbox", "--disable-gpu"]
SIZE = {"width": 1280, "height": 800}
WIDTH = 1100  # pixels of a picture of the page
PLOTS = ("datasets-over-years", "methods-by-task", "used-together", "rising")  # in the notebook's order


def save(png: bytes, name: str) -> None:
    """Write a picture as WebP."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if image.width > WIDTH:
        image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    image.save(OUT / f"{name}.webp", quality=82, method=6)
    print(f"{name}.webp  {(OUT / f'{name}.webp').stat().st_size / 1000:.0f} kB")


def show(tab: Page, address: str) -> bytes:
    """Return a picture of the page at an address, once it is drawn."""
    tab.goto("about:blank")
    tab.goto(address)
    tab.wait_for_function("document.documentElement.dataset.ready === 'true'", timeout=120_000)
    tab.wait_for_timeout(1500)
    return tab.screenshot()


def photograph_page(page: Path, paper: str) -> None:
    """Photograph the page as it opens, at an entity, at a paper, and on a dark ground."""
    chromium = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    )
    targets = {"page": "", "entity": "#entity=imagenet", "paper": f"#paper={paper}", "dark": "#entity=bert"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for scheme, names in (("light", ("page", "entity", "paper")), ("dark", ("dark",))):
            tab = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()
            for name in names:
                save(show(tab, page.as_uri() + targets[name]), name)
        browser.close()


def draw_plots() -> None:
    """Run the notebook of plots, and keep what it draws."""
    notebook = nbformat.read(ROOT / "notebooks/literature_map.ipynb", as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    plots = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    for name, plot in zip(PLOTS, plots, strict=True):
        save(base64.b64decode(plot), name)


def main() -> None:
    """Make every picture anew."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        graph = kg.build(kg.sample_path(), out=folder)
        photograph_page(Path(folder, "graph.html"), graph.paper("arxiv:1810.04805").id)
    draw_plots()


if __name__ == "__main__":
    main()
