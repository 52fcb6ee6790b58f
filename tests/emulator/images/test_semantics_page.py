"""Every assumption on images that the semantics page states is what the emulator does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import ee
import pytest

PAGE = Path(__file__).parents[3] / "docs" / "emulator-semantics.md"
ROW = re.compile(r"\| (?P<function>[\w./]+) \| .+? \| `(?P<check>[^`]+)` \| `(?P<answer>[^`]+)` \|")


def image_rows():
    page = PAGE.read_text(encoding="utf-8").split("\n## Images", maxsplit=1)[1]
    return [found.groupdict() for found in ROW.finditer(page)]


def _at(image):
    point = ee.Geometry.Point([10, 50])
    return image.reduceRegion(ee.Reducer.first(), point, 10, "EPSG:32632")


def _close(found, expected):
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            _close(found[key], expected[key]) for key in expected
        )
    if isinstance(expected, float) and not isinstance(found, str):
        return found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    return found == expected


def test_the_page_has_rows():
    assert len(image_rows()) > 30


@pytest.mark.parametrize("row", image_rows(), ids=lambda row: row["check"][:50])
def test_the_emulator_answers_as_the_page_says(row):
    grid = ee.Image.pixelCoordinates(ee.Projection("EPSG:32632").atScale(10))
    expression = eval(row["check"], {"ee": ee, "at": _at, "xy": grid.floor()})
    assert _close(expression.getInfo(), json.loads(row["answer"]))
