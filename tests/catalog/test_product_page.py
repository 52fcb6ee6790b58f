"""The page of coarse products shows the catalog, and every call on it can be made."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import ee
import pytest

from gee_sm.catalog import collection
from gee_sm.cli import main
from gee_sm.composites.broadband_albedo import broadband_albedo
from gee_sm.composites.fractional_cover import fractional_cover
from gee_sm.composites.soil_evaporative_efficiency import evaporative_efficiency
from gee_sm.composites.target_grid import GRIDS, to_grid
from gee_sm.composites.temporal import composites
from gee_sm.composites.water_indices import water_indices
from gee_sm.emulator import connect_client
from gee_sm.sentinel1.collection import scenes
from gee_sm.sentinel2.collection import reflectance
from local_core.gridded import local_product

SCRIPT = Path(__file__).parents[2] / "docs" / "make_coarse_products.py"
_SPEC = importlib.util.spec_from_file_location("make_coarse_products", SCRIPT)
MAKER = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(MAKER)

SERVER_SIDE = (
    broadband_albedo,
    collection,
    composites,
    evaporative_efficiency,
    fractional_cover,
    reflectance,
    scenes,
    to_grid,
    water_indices,
)
IN_EARTH_ENGINE = [row for row in MAKER.PAPERS if not row[2].startswith(("gee-sm", "open_"))]


def _shown(begin, end):
    return MAKER.PAGE.read_text(encoding="utf-8").split(begin)[1].split(end)[0].strip()


def test_the_page_shows_the_catalog_as_it_is():
    run = "run docs/make_coarse_products.py"
    assert _shown(MAKER.BEGIN, MAKER.END) == MAKER.table(), run
    assert _shown(MAKER.PAPERS_BEGIN, MAKER.PAPERS_END) == MAKER.papers_table(), run


@pytest.mark.parametrize(
    ("paper", "data", "call", "remark"),
    IN_EARTH_ENGINE,
    ids=[f"{p}: {d}" for p, d, *_ in IN_EARTH_ENGINE],
)
def test_the_calls_to_earth_engine_can_be_made(paper, data, call, remark):
    with connect_client():
        names = {function.__name__: function for function in SERVER_SIDE}
        names |= {"GRIDS": GRIDS, "START": "2019-07-01", "END": "2019-08-01"}
        names |= {name: ee.Image(300) for name in ("SMAP", "SOIL", "DRIEST", "WETTEST")}
        names["REGION"] = ee.Geometry.Rectangle([91, 33, 92, 34])
        found = eval(call, {"__builtins__": {}}, names)
        assert isinstance(found, ee.ComputedObject)
        # The official client checks names and types of all arguments when it writes them down.
        assert found.serialize()


def test_the_other_calls_name_products_and_options_that_exist():
    others = [row for row in MAKER.PAPERS if row not in IN_EARTH_ENGINE]
    assert others
    for *_, call, _remark in others:
        if call.startswith("gee-sm"):
            _, command, *words = call.split()
            known = {name for p in main.get_command(None, command).params for name in p.opts}
            assert {word for word in words if word.startswith("--")} <= known, call
        else:
            parsed = ast.parse(call, mode="eval").body
            assert parsed.func.id == "open_product"
            assert local_product(parsed.args[1].value)
