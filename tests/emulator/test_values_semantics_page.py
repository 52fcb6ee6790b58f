"""Every assumption on the semantics page is what the emulator does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import ee
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "emulator-semantics.md"
ROW = re.compile(r"\| (?P<function>[\w./]+) \| .+? \| `(?P<check>[^`]+)` \| `(?P<answer>[^`]+)` \|")


def value_rows():
    """Rows of the sections before the one on images, which has tests of its own."""
    page = PAGE.read_text(encoding="utf-8").split("\n## Images", maxsplit=1)[0]
    return [found.groupdict() for found in ROW.finditer(page)]


def alike(found, expected):
    if isinstance(expected, float) and not isinstance(found, str):
        return found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            alike(found[key], expected[key]) for key in expected
        )
    return found == expected


@pytest.mark.parametrize(
    "row", value_rows(), ids=lambda row: f"{row['function']}-{row['check'][:30]}"
)
def test_the_emulator_answers_as_the_page_says(earth_engine, row):
    expression = eval(row["check"], {"ee": ee})
    if row["answer"].startswith("error: "):
        with pytest.raises(ee.EEException) as caught:
            expression.getInfo()
        assert f"error: {caught.value}" == row["answer"]
    else:
        assert alike(expression.getInfo(), json.loads(row["answer"]))


def test_every_row_is_read():
    page = PAGE.read_text(encoding="utf-8").split("\n## What is not there", maxsplit=1)[0]
    lines = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    headings = [line for line in lines if line.startswith("| function |")]
    assert len(value_rows()) == len(lines) - len(headings)
