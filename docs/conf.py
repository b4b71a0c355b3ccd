"""Settings of the documentation site: sphinx-build -W docs docs/_build"""

from importlib.metadata import version as installed

project = "htrkit"
copyright = "2026, the htrkit authors"
version = release = installed("htrkit")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4
exclude_patterns = ["_build"]
nitpicky = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_type_aliases = {"LogProbs": "LogProbs", "Floats": "Floats", "ArrayLike": "ArrayLike"}
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = "htrkit"
