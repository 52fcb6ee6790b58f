"""Passes over the region: the mission's own arithmetic, swaths and angles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
import shapely
import shapely.geometry

from gee_sm.sample.orbits import ORBITS, acquisitions, swath_window


def test_numbers_follow_the_mission():
    """Relative orbit of Sentinel-1A = (absolute - 73) mod 175 + 1."""
    passes = acquisitions((2019, 2020))
    assert passes == sorted(passes, key=lambda p: p.time)
    for acquisition in passes:
        assert (acquisition.absolute_orbit - 73) % 175 + 1 == acquisition.orbit.number
        assert acquisition.time.month in (1, 2, 7, 8)
        assert acquisition.index(0).split("_")[6] == f"{acquisition.absolute_orbit:06d}"


def test_revisit_is_twelve_days():
    for orbit in ORBITS:
        times = [p.time for p in acquisitions((2020,)) if p.orbit == orbit and p.thawed]
        assert len(times) in (5, 6)
        for earlier, later in pairwise(times):
            assert abs(later - earlier - timedelta(days=12)) <= timedelta(seconds=1)


def test_evening_and_morning():
    """Sentinel-1 passes near 6 h and 18 h local solar time."""
    for acquisition in acquisitions((2020,)):
        local = acquisition.time + timedelta(hours=92 / 15)
        hour = local.hour + local.minute / 60
        expected = 18.3 if acquisition.orbit.passing == "ASCENDING" else 5.5
        assert hour == pytest.approx(expected, abs=0.6)


def test_indices_are_unique():
    names = [p.index(n) for p in acquisitions((2020, 2021)) for n in range(p.orbit.slices)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("passing", ["ASCENDING", "DESCENDING"])
def test_two_swaths_cover_the_region_together_only(grid, passing):
    swaths = [o.swath(grid.x, grid.y) for o in ORBITS if o.passing == passing]
    assert len(swaths) == 2
    assert np.logical_or(*swaths).all()
    assert not any(swath.all() for swath in swaths)
    assert 0.2 < np.logical_and(*swaths).mean() < 0.7


@pytest.mark.parametrize("orbit", ORBITS, ids=lambda orbit: orbit.name)
def test_angles_grow_away_from_the_satellite(grid, orbit):
    angle = orbit.incidence_angle(grid.x, grid.y)
    assert angle.min() > 30
    assert angle.max() < 45
    towards_east = angle[0, -1] > angle[0, 0]
    assert towards_east == (orbit.passing == "ASCENDING")
    nominal = 33 if orbit.centre_angle < 38 else 42
    assert abs(angle.mean() - nominal) < 1


@pytest.mark.parametrize("orbit", ORBITS, ids=lambda orbit: orbit.name)
def test_slices_tile_the_swath(grid, orbit):
    seen = np.zeros(grid.shape, int)
    x, y = np.broadcast_arrays(grid.x, grid.y)
    for number in range(orbit.slices):
        rows, columns = swath_window(orbit, number, grid)
        inside = orbit.swath(grid.x, grid.y) & (orbit.slice_of(grid.x, grid.y) == number)
        assert inside[rows, columns].sum() == inside.sum()
        seen += inside
        outline = shapely.geometry.shape(orbit.footprint(number, grid.bounds))
        assert outline.area == pytest.approx(inside.sum() * 100, rel=0.002)
        sampled = inside[::20, ::20]
        contained = shapely.contains_xy(outline, x[::20, ::20], y[::20, ::20])
        assert (contained == sampled).mean() > 0.999
    np.testing.assert_array_equal(seen, orbit.swath(grid.x, grid.y))


def test_passes_of_a_year_without_scenes():
    assert acquisitions(()) == []
    assert all(p.time < datetime(2016, 9, 1, tzinfo=UTC) for p in acquisitions((2016,)))
