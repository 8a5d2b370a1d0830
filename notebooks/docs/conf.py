"""The documentation site: ``make docs`` builds it into build/docs, and every warning is an error."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import kg

project = "abstractkg"
author = "The abstractkg developers"
version = release = kg.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["build"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
# Pygments does not know all of SPARQL.
suppress_warnings = ["misc.highlighting_failure"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True

smartquotes = False  # a command is to be copied as it stands
html_theme = "furo"
html_title = f"abstractkg {version}"
html_copy_source = False
html_show_sourcelink = False
