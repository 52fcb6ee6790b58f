from __future__ import annotations

import pytest

from gee_sm.retrieval.product import seasons
from gee_sm.retrieval.scene_summary import PROPERTIES, scene_summary


def _rows(synthetic, **options):
    found = scene_summary(region=synthetic.region(), seasons=seasons(year=2020), **options)
    return [feature["properties"] for feature in found.getInfo().get("features", [])]


def test_one_row_a_scene_of_both_seasons_and_passes(season):
    synthetic = season()
    synthetic.add_s1(
        "2020-08-01T00:10:00", 0.1, orbit="DESCENDING", relative_orbit=77, heading=None, index="d1"
    )
    synthetic.add_s1("2020-05-01T00:10:00", 0.1, index="spring")
    synthetic.connect()
    rows = _rows(synthetic)
    assert all(set(row) == set(PROPERTIES) for row in rows)
    counts = {}
    for row in rows:
        key = (row["orbit"], row["relative_orbit"], row["season"])
        counts[key] = counts.get(key, 0) + 1
    assert counts == {("A", 12, "thaw"): 2, ("A", 12, "freeze"): 2, ("D", 77, "thaw"): 1}
    last = next(row for row in rows if row["scene"] == "d1")
    assert last["date"] == "2020-08-01"
    assert last["time"] == 1596240600000
    assert last["platform"] == "A"
    assert not last["look_known"]
    assert all(row["look_known"] for row in rows if row is not last)
    assert all(row["covered"] == pytest.approx(1, abs=0.02) for row in rows)
    assert {row["orbit"] for row in _rows(synthetic, orbit="D")} == {"D"}


def test_no_scenes_is_an_empty_answer(synthetic):
    synthetic.add_s1("2018-07-05T12:00:00", 0.1)
    synthetic.connect()
    assert _rows(synthetic) == []
