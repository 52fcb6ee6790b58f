"""Series at points: which pixel, how far off, and what a footprint weighs."""

from __future__ import annotations

import dask
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.gridded import PointStatus, at_points, open_product
from local_core.gridded.coordinates import with_reference_system
from local_core.gridded.footprint import circle_weights

GEOD = pyproj.Geod(ellps="WGS84")
WGS84 = pyproj.CRS.from_epsg(4326)
EASE2 = pyproj.CRS.from_epsg(6933)
MERCATOR = pyproj.CRS.from_epsg(3395)


def _grid(crs, y, x, steps=3, seed=0, **attrs):
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.05, 0.5, (steps, len(y), len(x)))
    data = xr.Dataset(
        {"soil_moisture": (("time", "y", "x"), values, {"units": "m3 m-3", **attrs})},
        {"time": pd.date_range("2020-07-01", periods=steps), "y": y, "x": x},
    )
    return with_reference_system(data, crs)


@pytest.fixture
def quarter_degree():
    return _grid(WGS84, np.arange(35.875, 30, -0.25), np.arange(88.125, 95, 0.25))


def test_the_pixel_that_holds_a_point(quarter_degree):
    rng = np.random.default_rng(3)
    sites = pd.DataFrame(
        {"latitude": rng.uniform(30.2, 35.9, 40), "longitude": rng.uniform(88.1, 94.9, 40)},
        index=pd.Index([f"S{i}" for i in range(40)], name="station"),
    )
    near = at_points(quarter_degree, sites)
    assert near["soil_moisture"].dims == ("station", "time")
    for name, site in sites.iterrows():
        expected = quarter_degree["soil_moisture"].sel(
            y=site["latitude"], x=site["longitude"], method="nearest"
        )
        found = near.sel(station=name)
        np.testing.assert_array_equal(found["soil_moisture"], expected)
        assert found["pixel_latitude"].item() == pytest.approx(expected["y"].item(), abs=1e-12)
        metres = GEOD.inv(
            site["longitude"], site["latitude"], expected["x"].item(), expected["y"].item()
        )[2]
        assert found["distance_km"].item() == pytest.approx(metres / 1000, abs=1e-9)
    assert (near["point_status"] == PointStatus.INSIDE).all()
    assert near["soil_moisture"].attrs["units"] == "m3 m-3"


def test_points_of_a_projected_grid_are_taken_in_its_own_coordinates():
    size = 36032.220840584
    x, y = 8.0e6 + size * np.arange(20), 4.2e6 - size * np.arange(15)
    grid = _grid(EASE2, y, x)
    to_ground = pyproj.Transformer.from_crs(EASE2, WGS84, always_xy=True)
    lon, lat = to_ground.transform(x[4] + 0.45 * size, y[7] - 0.45 * size)
    near = at_points(grid, {"station": ["A"], "latitude": [lat], "longitude": [lon]})
    np.testing.assert_array_equal(near["soil_moisture"][0], grid["soil_moisture"][:, 7, 4])
    centre = to_ground.transform(x[4], y[7])
    assert near["pixel_longitude"].item() == pytest.approx(centre[0])
    assert near["pixel_latitude"].item() == pytest.approx(centre[1])


def test_points_without_a_pixel_say_why_and_spoil_nothing(quarter_degree):
    sites = {
        "station": ["in", "north", "unknown", "edge"],
        "latitude": [33.0, 50.0, np.nan, 36.0],
        "longitude": [91.0, 91.0, 91.0, 95.0],
    }
    for how, diameter in (("nearest", None), ("footprint", 60e3)):
        found = at_points(quarter_degree, sites, how, diameter_m=diameter)
        assert found["point_status"].values.tolist() == [0, 1, 2, 0]
        assert found["point_status"].attrs["flag_meanings"] == "inside outside_grid no_coordinates"
        missing = np.isnan(found["soil_moisture"].values).all(axis=1)
        assert missing.tolist() == [False, True, True, False]
        assert np.isnan(found["distance_km"].values).tolist() == [False, True, True, False]
    nowhere = {"latitude": [50.0], "longitude": [0.0]}
    empty = at_points(quarter_degree, nowhere, "footprint", diameter_m=1e4)
    assert empty["soil_moisture"].shape == (1, 3)
    assert np.isnan(empty["soil_moisture"]).all()


def test_longitudes_beyond_180_and_pixels_over_the_date_line():
    grid = _grid(WGS84, np.array([1.0, 0.0, -1.0]), np.arange(-180.0, 180.0, 1.0))
    sites = {"station": ["a", "b", "c"], "latitude": [0.0] * 3, "longitude": [181.0, 179.8, -179.8]}
    near = at_points(grid, sites)
    # The pixel of -180 reaches from 179.5 to -179.5.
    assert near["pixel_longitude"].values.tolist() == [-179.0, -180.0, -180.0]
    assert near["distance_km"].values[1] == pytest.approx(0.2 * 111.319, abs=1e-2)


def test_a_lazy_product_stays_lazy(quarter_degree):
    lazy = quarter_degree.chunk(time=1)
    sites = {"latitude": [33.0, 34.0], "longitude": [91.0, 92.0]}
    for how, diameter in (("nearest", None), ("footprint", 80e3)):
        found = at_points(lazy, sites, how, diameter_m=diameter)
        assert dask.is_dask_collection(found["soil_moisture"].data)
        eager = at_points(quarter_degree, sites, how, diameter_m=diameter)
        np.testing.assert_array_equal(found["soil_moisture"], eager["soil_moisture"])


_AREA_GRIDS = {
    "EASE-2": (EASE2, 25025.0 * (np.arange(1388) - 693.5), 25025.0 * (291.5 - np.arange(584))),
    "degrees": (WGS84, 0.25 * (np.arange(1440) - 719.5), 0.25 * (359.5 - np.arange(720))),
    # Neither a degree nor an areal scale that is the same everywhere.
    "Mercator": (MERCATOR, 30e3 * (np.arange(1336) - 667.5), 30e3 * (599.5 - np.arange(1200))),
}


@pytest.mark.parametrize("name", _AREA_GRIDS)
@given(latitude=st.floats(-70, 70), longitude=st.floats(-170, 170), radius=st.floats(5.0, 120.0))
@settings(max_examples=30, deadline=None)
def test_the_ground_of_the_pixels_adds_up_to_the_circle(name, latitude, longitude, radius):
    crs, x, y = _AREA_GRIDS[name]
    rows, columns, area = circle_weights(latitude, longitude, 2e3 * radius, y, x, crs)
    assert len(set(zip(rows, columns, strict=True))) == len(rows)
    assert (area > 0).all()
    assert area.sum() / 1e6 == pytest.approx(np.pi * radius**2, rel=1e-4)


@pytest.mark.parametrize(("latitude", "diameter"), [(33.07, 30e3), (33.07, 90e3), (61.3, 120e3)])
def test_pixels_weigh_by_their_ground_under_the_circle(latitude, diameter):
    x, y = np.arange(88.125, 95, 0.25), np.arange(latitude + 2, latitude - 2, -0.25)
    rows, columns, area = circle_weights(latitude, 91.31, diameter, y, x, WGS84)
    # The oracle: each part of the circle as a polygon of geodesics on the ellipsoid.
    around = GEOD.fwd(np.full(720, 91.31), np.full(720, latitude), np.arange(720) / 2,
                      np.full(720, diameter / 2))  # fmt: skip
    circle = shapely.Polygon(np.column_stack(around[:2]))
    for row, column, found in zip(rows, columns, area, strict=True):
        pixel = shapely.box(x[column] - 0.125, y[row] - 0.125, x[column] + 0.125, y[row] + 0.125)
        part = shapely.segmentize(shapely.intersection(pixel, circle), 0.005)
        expected = abs(GEOD.geometry_area_perimeter(part)[0])
        assert found == pytest.approx(expected, rel=2e-4, abs=1e-5 * diameter**2)


def test_a_footprint_is_what_many_random_points_within_it_see(quarter_degree):
    site = {"latitude": [33.07], "longitude": [91.31]}
    diameter = 70e3
    found = at_points(quarter_degree, site, "footprint", diameter_m=diameter)["soil_moisture"][0]
    # Points with a uniform density on the ground.
    rng = np.random.default_rng(0)
    (west, east), (south, north) = pyproj.Transformer.from_crs(
        WGS84, EASE2, always_xy=True
    ).transform([90.85, 91.75], [32.7, 33.45])
    lon, lat = pyproj.Transformer.from_crs(EASE2, WGS84, always_xy=True).transform(
        rng.uniform(west, east, 200_000), rng.uniform(south, north, 200_000)
    )
    metres = GEOD.inv(np.full(lat.size, 91.31), np.full(lat.size, 33.07), lon, lat)[2]
    inside = metres <= diameter / 2
    seen = quarter_degree["soil_moisture"].sel(
        y=xr.DataArray(lat[inside]), x=xr.DataArray(lon[inside]), method="nearest"
    )
    spread = float(seen.std()) / np.sqrt(inside.sum())
    np.testing.assert_allclose(found, seen.mean("dim_0"), atol=5 * spread)
    assert at_points(quarter_degree, site, "footprint", diameter_m=diameter).attrs[
        "footprint_diameter_m"
    ] == pytest.approx(diameter)


def test_a_circle_around_a_pole_is_refused_on_a_grid_in_degrees():
    x, y = np.arange(-179.5, 180), np.arange(89.5, 80, -1.0)
    with pytest.raises(ValueError, match="holds a pole"):
        circle_weights(89.9, 91.0, 60e3, y, x, WGS84)
    # On a polar grid it is a circle like any other.
    polar = pyproj.CRS.from_epsg(6931)
    near = 9e3 * (np.arange(20) - 9.5)
    _, _, area = circle_weights(89.9, 91.0, 60e3, -near, near, polar)
    assert area.sum() == pytest.approx(np.pi * 30e3**2, rel=1e-3)


def test_gaps_do_not_count_in_a_footprint(quarter_degree):
    site = {"latitude": [33.0], "longitude": [91.0]}
    gappy = quarter_degree.copy(deep=True)
    gappy["soil_moisture"][0] = np.nan
    gappy["soil_moisture"][1] = 0.25
    gappy["soil_moisture"][1, ::2] = np.nan
    found = at_points(gappy, site, "footprint", diameter_m=120e3)["soil_moisture"][0]
    assert np.isnan(found[0])
    assert found[1].item() == pytest.approx(0.25, abs=1e-15)


def test_wrong_points(quarter_degree):
    good = {"latitude": [33.0], "longitude": [91.0]}
    with pytest.raises(ValueError, match="how is 'nearest' or 'footprint'; got 'mean'"):
        at_points(quarter_degree, good, "mean")
    with pytest.raises(ValueError, match="a footprint needs diameter_m"):
        at_points(quarter_degree, good, "footprint")
    with pytest.raises(ValueError, match="must be positive; got -1"):
        at_points(quarter_degree, good, "footprint", diameter_m=-1)
    with pytest.raises(ValueError, match="expected latitude and longitude in degrees"):
        at_points(quarter_degree, {"lat": [33.0]})
    with pytest.raises(ValueError, match="station names repeat: A"):
        at_points(
            quarter_degree,
            {"station": ["A", "A"], "latitude": [33.0, 34.0], "longitude": [91.0, 91.0]},
        )
    with pytest.raises(ValueError, match="are they swapped"):
        at_points(quarter_degree, {"latitude": [91.0], "longitude": [33.0]})
    classes = _grid(WGS84, np.array([33.0, 32.0]), np.array([91.0, 92.0]), units="class")
    with pytest.raises(ValueError, match="soil_moisture hold classes"):
        at_points(classes, good, "footprint", diameter_m=4e4)


def test_one_pixel_alone_keeps_its_size(tmp_path):
    grid = _grid(WGS84, np.arange(35.875, 30, -0.25), np.arange(88.125, 95, 0.25))
    grid.rename(soil_moisture="smc").to_netcdf(tmp_path / "all.nc")
    one = open_product(tmp_path / "all.nc", "amsr2", region=(91.05, 33.05, 91.1, 33.1))
    assert dict(one.sizes) == {"time": 3, "y": 1, "x": 1}
    sites = {"latitude": [33.12, 33.3], "longitude": [91.1, 91.1]}
    near = at_points(one, sites)
    assert near["point_status"].values.tolist() == [0, 1]
    np.testing.assert_array_equal(near["soil_moisture"][0], one["soil_moisture"][:, 0, 0])
    around = at_points(one, sites, "footprint", diameter_m=5e3)
    np.testing.assert_allclose(around["soil_moisture"][0], one["soil_moisture"][:, 0, 0])
    # Written and read again, it still knows.
    one.to_netcdf(tmp_path / "one.nc")
    again = open_product(tmp_path / "one.nc", "amsr2", region=(91.0, 33.0, 91.2, 33.2))
    assert dict(again.sizes) == {"time": 3, "y": 1, "x": 1}
    bare = one.drop_vars("spatial_ref")
    with pytest.raises(ValueError, match="one pixel alone"):
        at_points(bare, sites)
