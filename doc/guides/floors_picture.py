# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""The directive floors-picture: the floors of meson.build and the files on them, drawn when the guides are built."""

import html
import pathlib
import textwrap

from docutils import nodes
from docutils.parsers.rst import Directive

WIDTH = 1000
GAP = 10
LINE = 15
CHAR = 6.7  # width of a character of the file names
FREE = ("test", "doc")


def read_floors(path):
    """The top of the sources, and the floors from the ground up: each a list of folders."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return pathlib.Path(lines[0]), [line.split() for line in lines[1:]]


def files_of(root, folder, folders):
    """Names of the files in a folder, or below it in no other one of the list; a source with its header is one."""
    names = set()
    for path in (root / folder).rglob("*.[ch]"):
        parents = [str(parent.relative_to(root)) for parent in path.parents if root in parent.parents]
        if next((parent for parent in parents if parent in folders), None) == folder:
            names.add(path.stem)
    return sorted(names)


def box(left, top, width, height, folder, lines):
    """One folder."""
    text = [f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="4" fill="#f4f6f8" stroke="#5a6b7b"/>',
            f'<text x="{left + 8}" y="{top + 18}" font-weight="bold" font-size="13">{html.escape(folder)}/</text>']
    text += [f'<text x="{left + 8}" y="{top + 36 + i * LINE}" font-size="11" font-family="monospace">'
             f"{html.escape(line)}</text>" for i, line in enumerate(lines)]
    return "\n".join(text)


def draw(path):
    """The picture: the highest floor on top."""
    root, floors = read_floors(path)
    folders = {folder for floor in floors for folder in floor}
    parts = []
    top = GAP
    for floor in reversed(floors):
        files = {folder: files_of(root, folder, folders) for folder in floor if folder not in FREE}
        files = {folder: names for folder, names in files.items() if names}
        if not files:
            continue
        width = (WIDTH - GAP * (len(files) - 1)) // len(files)
        lines = {folder: textwrap.wrap("  ".join(names), int((width - 16) / CHAR)) for folder, names in files.items()}
        height = 30 + LINE * max(map(len, lines.values()))
        for i, folder in enumerate(files):
            parts.append(box(i * (width + GAP) + 1, top, width, height, folder, lines[folder]))
        top += height + GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 2} {top}" width="100%" role="img" '
            f'aria-label="The floors of groove" font-family="sans-serif">\n' + "\n".join(parts) + "\n</svg>")


class FloorsPicture(Directive):
    """The picture, in the page."""

    def run(self):
        """Draw it."""
        path = self.state.document.settings.env.config.floors
        return [nodes.raw("", draw(path), format="html")]


def setup(app):
    """For Sphinx."""
    app.add_config_value("floors", "", "env")
    app.add_directive("floors-picture", FloorsPicture)
    return {"parallel_read_safe": True}
