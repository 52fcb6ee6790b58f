from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "docs" / "make_local_products.py"


def test_the_page_shows_the_names_as_they_are():
    spec = importlib.util.spec_from_file_location("make_local_products", SCRIPT)
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    page = maker.PAGE.read_text(encoding="utf-8")
    shown = page.split(maker.BEGIN)[1].split(maker.END)[0].strip()
    assert shown == maker.table(), "run docs/make_local_products.py"
