# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Settings of the guides; the build adds the release and the path of the API reference's tag file."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

project = "groove"
author = "The groove authors"
project_copyright = "2026, " + author
extensions = ["api_links", "floors_picture"]
html_theme = "alabaster"
html_theme_options = {"page_width": "1340px", "body_max_width": "1040px", "sidebar_width": "260px",
                      "code_font_size": "0.8em"}
html_show_sourcelink = False
html_sidebars = {"**": ["globaltoc.html", "searchbox.html"]}
