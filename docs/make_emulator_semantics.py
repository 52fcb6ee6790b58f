"""Write ``emulator-semantics.md`` from the assumptions that the package ships.

Run from anywhere: ``python docs/make_emulator_semantics.py``. ``--check`` writes nothing and fails
if the page is not what would be written.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gee_sm.emulator.assumptions import SECTIONS, Section
from gee_sm.emulator.assumptions.images import IMAGES
from gee_sm.emulator.not_there import NOT_THERE

PAGE = Path(__file__).parent / "emulator-semantics.md"

HEAD = """\
# What the emulator assumes

Earth Engine's public documentation is the authority on what each function does, and the tests run
what it prints. Where it is silent the emulator has to decide. This page lists every such decision:
the function, the assumption, an expression that would show on the real service whether it holds,
and what the emulator answers to that expression.

The expressions are Python with `ee` for the official client; `.getInfo()` is understood. A test
evaluates all of them through the client and compares the answers with this page, so the page and
the code cannot part. An answer that starts with `error:` is a message: there the wording is the
assumption too.

With an account, `gee-sm emulator verify --project YOUR-PROJECT --out answers.json` puts them all to
Google, one small request each, and says which hold; the file keeps the answers with the date and
the version of the client. `--emulator` puts them to the emulator instead.

What the documentation does print is put to the emulator row by row:
[what the emulator has](emulator-coverage.md) counts how much of it agrees.

The page is made by `python docs/make_emulator_semantics.py` from `gee_sm/emulator/assumptions`. To
add a row, write the assumption and the expression there, run it on the emulator, and add its
answer.
"""

NOT_THERE_HEAD = """\
## What is not there

Functions that no method of the client reaches are not listed. The error of a missing function says
the same, and where in the expression it stands.

| function | why | instead |
| --- | --- | --- |
"""

DECISIONS = """\
Decisions that no single expression shows:

- Pyramids are made from the stored pixels when they are read; overviews in the file are not used.
- `resample`: bilinear and bicubic (a = -1/2) means run over the valid neighbours; the mask is
  that of the nearest pixel.
- Nearest neighbour takes the pixel that holds the centre, with coordinates rounded to 1e-7 of a
  pixel, so that grids that coincide do so.
- `reduceResolution` across coordinate systems takes a pixel's footprint as the four-cornered figure
  of its corners, with straight sides, and weighs by the area it shares with each input pixel.
- In degrees, terrain takes a pixel as 111,319.49 m times its size, times the cosine of the
  latitude across. A pixel with a masked neighbour is masked.
- `random` is a hash of the seed and the pixel of the request; its values cannot match the
  service's.
- `S1_GRD` is 10 log10 of the stored power, masked where that is not positive.
- `variance` and `stdDev` weight by coverage, in windows every cell of a uniform kernel counts
  once.
- Classifiers are scikit-learn's learners with the parameters of the service: what they learn is
  alike, their random draws and trees are not. `explain` gives scikit-learn's importances, which
  sum to 1.
- Segments, cheapest ways and filled hollows are computed on fixed cells of 256 x 256 pixels of the
  lattice and some overlap, so that they do not depend on the request's tiles; the service's depend
  on its own. Of superpixels the means are those of all their pixels that a cell sees.
- Distances of pixels to lines and points, and the pixels that those paint, are exact: of two pixels
  on whose common edge a line runs it belongs to the one right or below.
- `reduceResolution` with `bestEffort` takes its level from the nominal scales of the two grids.
- Landsat coefficients come from the metadata alone; older scenes without them are refused.
- The displacement index of Sentinel-2 is computed on the grid of B8A, with B8 averaged to it.
- `wekaXMeans` and `wekaCascadeKMeans` follow their papers, not Weka's draws.
- A list, an array, a dictionary or training data of more than 100 MB is "too large"; the reference
  names that size for training data only.
- Arrays whose lengths differ from pixel to pixel cannot be reduced over a collection before
  `arrayPad`; the service may allow more.
- `stratifiedSample` lists the classes in ascending order, each class's pixels in rows from the
  top.
"""


def section_text(section: Section) -> str:
    """Return a section as Markdown."""
    lines = [f"## {section.title}", ""]
    if section.note:
        lines += [section.note, ""]
    lines += [
        "| function | assumption | check | the emulator answers |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.function} | {row.assumption} | `{row.check}` | `{row.answer}` |"
        for row in section.assumptions
    ]
    return "\n".join(lines) + "\n"


def not_there_text() -> str:
    """Return the table of missing functions as Markdown."""
    rows = [
        f"| {', '.join(group.names)} | {group.why} | {group.instead} |\n" for group in NOT_THERE
    ]
    return NOT_THERE_HEAD + "".join(rows)


def page() -> str:
    """Return the whole page."""
    values = [section_text(section) for section in SECTIONS if section is not IMAGES]
    return "\n".join([HEAD, *values, not_there_text(), section_text(IMAGES), DECISIONS])


def main() -> None:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    if parser.parse_args().check:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE.name} is out of date")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
