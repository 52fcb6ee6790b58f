"""The pytest fixture, used as its documentation shows."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

FIVE_LINES = """
import ee, numpy as np

def test_ndvi(ee_emulator):
    bands = {"B8": np.full((9, 9), 3.0), "B4": np.full((9, 9), 1.0)}
    ee_emulator.add_image("MY/SCENE", bands=bands)
    ndvi = ee.Image("MY/SCENE").normalizedDifference(["B8", "B4"]).rename("v")
    assert ndvi.reduceRegion(ee.Reducer.mean(), scale=10).getInfo() == {"v": 0.5}
"""

MORE = """
import ee, numpy as np, pytest, requests, time
from datetime import datetime
from gee_sm.emulator import Fault

def test_collections_tables_and_faults(ee_emulator):
    for day in (1, 2):
        ee_emulator.add_image(
            "MY/SERIES", f"d{day}", bands={"B1": np.full((4, 4), day, "uint8")},
            time_start=datetime(2021, 5, day), properties={"n": day},
        )
    ee_emulator.add_table("MY/POINTS", [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [15, 45]},
         "properties": {"a": 1}}])
    series = ee.ImageCollection("MY/SERIES")
    assert series.aggregate_array("n").getInfo() == [1, 2]
    assert series.filterDate("2021-05-02", "2021-05-03").size().getInfo() == 1
    assert ee.FeatureCollection("MY/POINTS").first().get("a").getInfo() == 1
    plan = ee_emulator.misbehave(Fault(kind="503", at=(1,)))
    assert ee.Number(1).getInfo() == 1
    assert len(plan.injected) == 1
    url = ee.Image("MY/SERIES/d1").getThumbURL({"min": 0, "max": 2, "dimensions": 4})
    assert requests.get(url, timeout=10).status_code == 200

def test_what_is_refused_is_repeated_without_waiting(ee_emulator, monkeypatch):
    naps = []
    monkeypatch.setattr(time, "sleep", naps.append)
    plan = ee_emulator.misbehave(Fault(kind="429", rate=1))
    with pytest.raises(ee.EEException, match="Too Many Requests"):
        ee.Number(1).getInfo()
    assert len(plan.injected) == 6  # the first request and five more
    assert naps == []

def test_a_fault_of_the_emulator_is_told_at_once(ee_emulator, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("a bug")

    asked = []
    monkeypatch.setattr(time, "sleep", asked.append)
    monkeypatch.setattr("gee_sm.emulator.service.endpoints.compute_value.evaluate", broken)
    with pytest.raises(ee.EEException, match="An internal error has occurred"):
        ee.Number(1).getInfo()
    assert asked == []
    assert "a bug" in caplog.text

def test_each_test_has_a_catalog_of_its_own(ee_emulator):
    with pytest.raises(ee.EEException, match="not found"):
        ee.Image("MY/SERIES/d1").getInfo()
"""


def test_five_lines(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["gee_sm.emulator.pytest_plugin"]')
    pytester.makepyfile(test_five=FIVE_LINES, test_more=MORE)
    pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=5)
