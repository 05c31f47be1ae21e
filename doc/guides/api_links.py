# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""Sphinx role that links to the API reference: :api:`groove_region_join()`, :api:`groove_data.h`.

The tag file that Doxygen writes says where each name is. A name that it does not have is a warning, and so an error in
our build. The links are relative: the two folders lie side by side in the build folder and where they are installed.
"""

import xml.etree.ElementTree as ET

from docutils import nodes

# from the guides' top folder to that of the reference
API_FOLDER = "../../api/html/"


def read_tags(path):
    """Where each name of the tag file is: a file, with an anchor for what is not a file or a struct."""
    places = {}
    for compound in ET.parse(path).getroot().iter("compound"):
        page = compound.findtext("filename")
        page = page if page.endswith(".html") else page + ".html"
        if compound.get("kind") in ("file", "struct"):
            places[compound.findtext("name")] = page
        for member in compound.iter("member"):
            places.setdefault(member.findtext("name"), f"{member.findtext('anchorfile')}#{member.findtext('anchor')}")
            for value in member.iter("enumvalue"):
                places.setdefault(value.text, f"{value.get('anchorfile')}#{value.get('anchor')}")
    return places


def api_role(name, rawtext, text, lineno, inliner, options=None, content=None):
    """A link from the name of a function, macro, type, constant or header to the API reference."""
    env = inliner.document.settings.env
    place = env.app.api_places.get(text.removesuffix("()"))
    if place is None:
        message = inliner.reporter.warning(f"the API reference does not have {text}", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    node = nodes.reference(rawtext, "", refuri="../" * env.docname.count("/") + API_FOLDER + place, internal=False)
    node += nodes.literal(text, text)
    return [node], []


def load(app):
    """Read the tag file once."""
    app.api_places = read_tags(app.config.api_tagfile)


def setup(app):
    """Called by Sphinx."""
    app.add_config_value("api_tagfile", None, "env")
    app.connect("builder-inited", load)
    app.add_role("api", api_role)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
