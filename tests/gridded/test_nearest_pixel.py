"""Nearest pixels agree with geodesics and survive poles and date lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from local_core.gridded.nearest_pixel import containing_pixels, edges, nearest_pixels

ELLIPSOID = Geod(ellps="WGS84")


@given(st.floats(-90, 90), st.floats(-180, 360))
@settings(max_examples=60, deadline=None)
def test_nearest_of_a_global_grid_by_brute_force(latitude, longitude):
    lat, lon = np.meshgrid(np.arange(-90, 91, 7.5), np.arange(-180, 180, 10.0), indexing="ij")
    index, distance = nearest_pixels(lat, lon, [latitude], [longitude])
    to_all = ELLIPSOID.inv(
        lon.ravel(), lat.ravel(), np.full(lat.size, longitude), np.full(lat.size, latitude)
    )[2]
    assert distance[0] * 1000 == pytest.approx(to_all.min(), abs=10.0)
    assert to_all[index[0]] == pytest.approx(to_all.min(), abs=10.0)


def test_longitudes_from_0_to_360_are_the_same_places():
    lat, lon = np.meshgrid([30.0, 31.0], [358.0, 359.0, 0.0], indexing="ij")
    index, distance = nearest_pixels(lat, lon, [30.0, 31.0], [-1.0, 0.4])
    assert index.tolist() == [1, 5]
    assert distance[0] == pytest.approx(0.0, abs=1e-6)


def test_unknown_coordinates_are_left_out_on_both_sides():
    index, distance = nearest_pixels([30.0, np.nan], [90.0, 91.0], [30.1, np.nan], [91.0, 91.0])
    assert index.tolist() == [0, -1]
    assert np.isnan(distance[1])


def test_bad_input_says_what_to_do():
    with pytest.raises(ValueError, match="meshgrid"):
        nearest_pixels([30.0], [90.0, 91.0], [30.0], [90.0])
    with pytest.raises(ValueError, match="no pixel with coordinates"):
        nearest_pixels([np.nan], [90.0], [30.0], [90.0])
    with pytest.raises(ValueError, match="1,"):
        nearest_pixels([30.0], [90.0], [30.0], [90.0, 91.0])


@given(
    st.floats(-80, 80),
    st.floats(0.05, 2.0),
    st.integers(2, 12),
    st.booleans(),
    st.lists(st.floats(-90, 90), min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_a_position_lies_within_the_edges_of_its_pixel(first, size, count, descending, positions):
    centres = first + size * np.arange(count)
    centres = centres[::-1] if descending else centres
    bounds = edges(centres)
    low, high = np.minimum(bounds[1:], bounds[:-1]), np.maximum(bounds[1:], bounds[:-1])
    for position, index in zip(positions, containing_pixels(centres, positions), strict=True):
        noise = 1e-5 * size
        if index < 0:
            assert position < low.min() + noise or position > high.max() - noise
        else:
            assert low[index] - noise <= position <= high[index] + noise


def test_edges_belong_to_the_pixel_further_on():
    rising = containing_pixels([0.5, 1.5, 2.5], [0.0, 1.0, 2.0, 3.0, np.nan])
    assert rising.tolist() == [0, 1, 2, 2, -1]
    # Ten degrees in tenths: sums of 0.1 are no exact edges.
    tenths = np.arange(101) / 10
    on_edges = np.arange(100) * 0.1 + 0.05
    np.testing.assert_array_equal(containing_pixels(tenths, on_edges), np.arange(1, 101))
    falling = containing_pixels([2.5, 1.5, 0.5], [0.0, 1.0, 2.0, 3.0, np.nan])
    assert falling.tolist() == [2, 2, 1, 0, -1]
    with pytest.raises(ValueError, match="one pixel alone"):
        edges([1.0])
