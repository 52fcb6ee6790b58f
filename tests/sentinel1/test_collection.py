from __future__ import annotations

import ee
import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.sentinel1.collection import (
    UnknownOrbitError,
    backscatter,
    incidence_angle,
    scenes,
    season_dates,
)


def _indices(collection):
    return sorted(collection.aggregate_array("system:index").getInfo())


def test_only_vv_of_interferometric_wide_swath_at_10_m(synthetic):
    synthetic.add_s1("2020-07-05T12:00:00", 0.05, index="wanted")
    synthetic.add_s1("2020-07-05T12:00:00", 0.05, index="mode", instrumentMode="EW")
    synthetic.add_s1("2020-07-05T12:00:00", 0.05, index="pixel", resolution_meters=40)
    synthetic.add_s1(
        "2020-07-05T12:00:00", 0.05, index="hh", transmitterReceiverPolarisation=["HH", "HV"]
    )
    synthetic.connect()
    found = scenes(region=synthetic.region(), start="2020-07-01", end="2020-09-01")
    assert _indices(found) == ["wanted"]


def test_pass_orbit_place_and_dates(synthetic):
    synthetic.add_s1("2020-06-30T23:59:59", 0.05, index="before")
    synthetic.add_s1("2020-07-01T00:00:00", 0.05, index="first")
    synthetic.add_s1("2020-08-31T23:59:59", 0.05, index="last", relative_orbit=85)
    synthetic.add_s1("2020-09-01T00:00:00", 0.05, index="after")
    synthetic.add_s1("2020-07-03T00:00:00", 0.05, index="down", orbit="DESCENDING")
    synthetic.connect()
    start, end = season_dates(2020, (7, 8))
    where = {"region": synthetic.region(), "start": start, "end": end}
    assert _indices(scenes(**where)) == ["down", "first", "last"]
    assert _indices(scenes(**where, orbit="A")) == ["first", "last"]
    assert _indices(scenes(**where, orbit="D")) == ["down"]
    assert _indices(scenes(**where, orbit="A", relative_orbit=85)) == ["last"]
    elsewhere = ee.Geometry.Rectangle([10, 50, 10.1, 50.1])
    assert _indices(scenes(region=elsewhere, start=start, end=end)) == []


def test_unknown_orbit_says_which_there_are(synthetic):
    synthetic.connect()
    with pytest.raises(UnknownOrbitError, match="'A' \\(ascending\\) or 'D'"):
        scenes(region=synthetic.region(), start="2020-07-01", end="2020-09-01", orbit="asc")


def test_power_that_is_not_positive_is_masked(synthetic):
    power = np.full((60, 60), 0.05, "float32")
    power[3, 4], power[5, 6] = 0.0, -0.001
    synthetic.add_s1("2020-07-05T12:00:00", power)
    synthetic.connect()
    scene = ee.ImageCollection("COPERNICUS/S1_GRD_FLOAT").first()
    found = synthetic.read(backscatter(scene))["VV"]
    assert set(zip(*np.nonzero(np.isnan(found)), strict=True)) == {(3, 4), (5, 6)}


def test_angle_is_interpolated_between_tie_points_and_reaches_the_edge(synthetic):
    # Tie points every 200 m over 600 m: without interpolation there would be three steps.
    ties = np.tile(np.array([36.0, 38.0, 40.0], "float32"), (3, 1))
    fine = Affine(10, 0, 406000, 0, -10, 3600000)
    synthetic.add(
        "COPERNICUS/S1_GRD_FLOAT",
        "scene",
        {"VV": np.full((60, 60), 0.05, "float32"), "angle": ties},
        time="2020-07-05T12:00:00",
        transform={"VV": fine, "angle": Affine(200, 0, 406000, 0, -200, 3600000)},
    )
    synthetic.connect()
    scene = ee.ImageCollection("COPERNICUS/S1_GRD_FLOAT").first()
    found = synthetic.read(incidence_angle(scene))["angle"]
    x = np.arange(60) * 10 + 5.0
    inside = (x >= 100) & (x <= 500)
    expected = 36 + (x - 100) / 100
    np.testing.assert_allclose(found[15:45, inside], np.tile(expected[inside], (30, 1)), atol=1e-5)
    assert not np.isnan(found).any()
    assert set(np.unique(found[30, :9])) == {36.0}


@given(year=st.integers(2015, 2030), first=st.integers(1, 12), length=st.integers(1, 12))
def test_a_season_of_any_length_ends_in_its_year(year, first, length):
    months = [(first - 1 + i) % 12 + 1 for i in range(length)]
    start, end = season_dates(year, months)
    assert np.datetime64(start) < np.datetime64(end)
    covered = np.arange(np.datetime64(start, "M"), np.datetime64(end, "M"))
    assert len(covered) == length
    assert str(covered[-1]) == f"{year}-{months[-1]:02d}"
    assert int(str(covered[0])[5:]) == first


@pytest.mark.parametrize("months", [(), (7, 9), (8, 7), (0,), (12, 13)])
def test_months_that_are_no_season(months):
    with pytest.raises(ValueError, match="consecutive months"):
        season_dates(2020, months)
