#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
"""The page that groove-ctl map writes, in headless Chromium: its numbers are those of stats, it shows the object under
the mouse, zooms to it, filters by tag, draws what is there, and has no errors.

usage: map_cli.py PROGRAM [WORD...]: PROGRAM is groove-ctl
"""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from cli import Mismatch, Skip, expect, main

NAME = f"map-{os.getpid()}"
JOINS = 2
OBJECTS = 300
OBJECT_SZ = 1000  # of test/ctl/maker.c
TAG = 77
BACKGROUND = "242,242,242"

FIRST = """<script>
window.problems = [];
window.addEventListener("error", (event) => problems.push(event.message));
console.error = (...words) => problems.push(words.join(" "));
</script>"""

# what a user does, by the events that a browser makes of it
LAST = """<script>
const seen = {};
const pixelOf = (addr) => Math.floor((addr - view.start) / view.scale);
const at = (pixel) => ({ clientX: canvas.getBoundingClientRect().left + canvas.clientLeft + pixel % WIDTH,
	clientY: canvas.getBoundingClientRect().top + canvas.clientTop + Math.floor(pixel / WIDTH), bubbles: true,
	cancelable: true });
const colourAt = (pixel) => [...canvas.getContext("2d")
	.getImageData(pixel % WIDTH, Math.floor(pixel / WIDTH), 1, 1).data].slice(0, 3).join();
const point = (pixel) => {
	canvas.dispatchEvent(new MouseEvent("mousemove", at(pixel)));
	return $("hover").textContent;
};
const type = (id, text, event) => { $(id).value = text; $(id).dispatchEvent(new Event(event)); };
const shown = () => [Number($("shown").dataset.objects), Number($("shown").dataset.bytes)];

seen.whole = shown();
seen.totals = $("totals").textContent;
const volume = view.volume, i = [...Array(volume.cnt).keys()].find((i) => tagOf(volume, i) === TAGn);
const middle = volume.off[i] + 500;
seen.hover = point(pixelOf(middle));
const before = view.scale;
for (let turn = 0; turn < 60; turn++)
	canvas.dispatchEvent(new WheelEvent("wheel", { ...at(pixelOf(middle)), deltaY: -100 }));
seen.zoomed = before / view.scale;
seen.hoverZoomed = point(pixelOf(middle));
seen.colours = {};
for (const by of ["class", "tag", "size", "waste"]) {
	type("by", by, "change");
	seen.colours[by] = colourAt(pixelOf(middle));
}
type("tags", "0..9", "input");
seen.filtered = shown();
seen.filteredColour = colourAt(pixelOf(middle));
type("tags", "0xTAG", "input");
seen.hexColour = colourAt(pixelOf(middle));
type("tags", "nonsense", "input");
seen.isBad = $("tags").classList.contains("bad");
type("tags", "", "input");
seen.again = shown();
$("whole").click();
seen.scale = view.scale;
seen.before = before;
seen.problems = problems;
document.body.innerHTML = "<pre>" + JSON.stringify(seen) + "</pre>";
</script>"""


class MapPage:
    """Cases of the page."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.maker = pathlib.Path(program).parent.parent / "test" / "ctl" / "groove-ctl-maker"

    def ctl(self, *words):
        """What groove-ctl prints for machines."""
        done = subprocess.run([self.program, *words, NAME, "--driver", "file", "--dir", self.folder, "--json"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def browse(self, page):
        """Open a page, in which what is seen is written in the end."""
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 f"--user-data-dir={self.folder / 'profile'}", "--virtual-time-budget=10000", "--dump-dom",
                 f"file://{page}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False,
                              env={**os.environ, "HOME": str(self.folder)})
        found = re.search(r"<pre>(.*)</pre>", done.stdout, re.DOTALL)
        expect(found, f"the page came to no end: {done.stdout[-500:]}{done.stderr[-500:]}")
        return json.loads(html.unescape(found[1]))

    def test_page(self):
        if shutil.which("chromium") is None:
            raise Skip("needs chromium")
        page = self.folder / "map.html"
        with subprocess.Popen([self.maker, "file", self.folder, NAME, "normal", str(JOINS), str(OBJECTS)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as maker:
            expect(maker.stdout.readline() == "ready\n", "no groove")
            self.ctl("map", "--output", page)
            total = self.ctl("stats")["total"]
            place = next(one for one in self.ctl("walk", "--tag", str(TAG))["visited"])
            maker.stdin.close()
            maker.wait()
        self.ctl("destroy")
        text = page.read_text(encoding="utf-8")
        last = LAST.replace("TAGn", f"{TAG}n").replace("0xTAG", hex(TAG))
        page.write_text(text.replace("<head>", "<head>" + FIRST).replace("</body>", last + "</body>"), encoding="utf-8")
        seen = self.browse(page)
        expect(seen["problems"] == [], f"{seen['problems']}")
        expect(seen["whole"] == seen["again"] == [total["objects"], total["object_bytes"]], f"{seen['whole']}")
        expect(f"{total['objects']:,} objects, {total['object_bytes']:,} bytes" in seen["totals"], seen["totals"])
        for hover in (seen["hover"], seen["hoverZoomed"]):
            for words in (f"tag     {TAG:#x}", f"size    {OBJECT_SZ:,}", f"class {place['class']}"):
                expect(words in hover, f"no {words!r} in {hover!r}")
        expect(seen["zoomed"] > 100 and seen["scale"] == seen["before"], f"zoomed {seen['zoomed']} times")
        colours = set(seen["colours"].values())
        expect(BACKGROUND not in colours and len(colours) > 2, f"{colours}")
        expect(seen["filtered"] == [10, 10 * OBJECT_SZ], f"{seen['filtered']}")
        expect((seen["filteredColour"], seen["hexColour"]) == (BACKGROUND, seen["colours"]["waste"]), f"{seen}")
        expect(seen["isBad"], "nonsense is taken for a range of tags")


if __name__ == "__main__":
    try:
        sys.exit(main(MapPage, __doc__))
    except Mismatch as mismatch:
        sys.exit(str(mismatch))
