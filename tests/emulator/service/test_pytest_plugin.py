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
import ee, numpy as np, pytest, requests
from datetime import datetime
from gee_sm.emulator import Fault

@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("googleapiclient.http.time.sleep", lambda _: None)

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

def test_each_test_has_a_catalog_of_its_own(ee_emulator):
    with pytest.raises(ee.EEException, match="not found"):
        ee.Image("MY/SERIES/d1").getInfo()
"""


def test_five_lines(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["gee_sm.emulator.pytest_plugin"]')
    pytester.makepyfile(test_five=FIVE_LINES, test_more=MORE)
    pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=3)
