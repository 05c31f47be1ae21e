# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Settings of the guides; the build adds the release."""

project = "groove"
author = "The groove authors"
project_copyright = "2026, " + author
html_theme = "alabaster"
html_show_sourcelink = False
html_sidebars = {"**": ["globaltoc.html", "searchbox.html"]}
