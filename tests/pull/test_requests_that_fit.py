"""How a pull is cut into requests, which pixels places lie in, and how places are read."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gee_sm.catalog.products import PRODUCTS, product
from gee_sm.pull.chunking import BANDS, cut_time, cut_windows, listing_spans
from gee_sm.pull.pixel_grid import OutsideCoverageError, PixelGrid, grid_of_bands
from gee_sm.pull.places import PointsError, read_points

DAY = 86_400_000


@pytest.mark.parametrize(("bands", "per_day"), [(1, 1), (3, 1), (9, 1), (1, 8), (11, 8), (500, 1)])
def test_groups_cover_every_step_once_and_fit(bands, per_day):
    days = np.arange(17_000, 18_500) * DAY
    images = np.full(len(days), per_day)
    groups = cut_time(days, images, bands)
    np.testing.assert_array_equal(np.concatenate(groups), np.arange(len(days)))
    for group in groups:
        assert len(group) == 1 or images[group].sum() * bands <= 400
        assert len(group) == 1 or len(group) * bands <= BANDS


@pytest.mark.parametrize("name", [n for n, entry in PRODUCTS.items() if not entry.is_static])
def test_ten_years_of_all_bands_are_few_requests(name):
    entry = PRODUCTS[name]
    step_ms = round(max(entry.period_days, 0.125) * DAY)
    starts = np.arange(14_610 * DAY, (14_610 + 3_652) * DAY, step_ms)
    bands = len(entry.variables)
    groups = cut_time(starts, np.ones(len(starts), int), bands)
    np.testing.assert_array_equal(np.concatenate(groups), np.arange(len(starts)))
    fewest = -(-len(starts) * bands // 400)
    # The calendar costs up to a factor of 2.2: months of 6 bands, where 66 days would fit.
    assert len(groups) <= max(2.2 * fewest, 10)


def test_shared_years_are_cut_alike():
    def cut(first, last):
        days = (
            np.arange(np.datetime64(first), np.datetime64(last))
            .astype("datetime64[ms]")
            .astype(np.int64)
        )
        groups = cut_time(days, np.ones(len(days), int), 1)
        return {(int(days[group[0]]), int(days[group[-1]])) for group in groups}

    assert len(cut("2015-01-01", "2018-01-01") & cut("2014-06-01", "2020-01-01")) == 3


def test_windows_hold_every_place_and_share_what_is_near():
    rng = np.random.default_rng(2)
    near = rng.integers(0, 40, (300, 2))
    far = rng.integers(10_000, 20_000, (20, 2))
    first = np.concatenate([near, far])
    boxes = np.concatenate([first, first + 1], axis=1)
    windows = cut_windows(boxes)
    assert sorted(np.concatenate([places for _, places in windows])) == list(range(320))
    for window, places in windows:
        inside = boxes[places]
        assert (inside[:, 0] >= window.column).all()
        assert (inside[:, 1] >= window.row).all()
        assert (inside[:, 2] <= window.column + window.width).all()
        assert (inside[:, 3] <= window.row + window.height).all()
        assert window.width * window.height <= 4096
    assert len(windows) <= 21


def test_dense_places_are_halved_not_shaved():
    y, x = np.mgrid[0:200, 0:200]
    boxes = np.stack([x.ravel(), y.ravel(), x.ravel() + 1, y.ravel() + 1], axis=1)
    windows = cut_windows(boxes)
    assert 10 <= len(windows) <= 32


@pytest.mark.parametrize(("name", "most"), [("gldas", 5_000), ("smap", 5_000)])
def test_listings_stay_below_the_limit_of_lists(name, most):
    entry = product(name)
    start, end = 1_546_300_800_000, 1_861_920_000_000
    spans = listing_spans(entry, start, end)
    assert spans[0][0] == start
    assert spans[-1][1] == end
    assert all(a[1] == b[0] for a, b in itertools.pairwise(spans))
    assert max((b - a) / DAY / entry.period_days for a, b in spans) < most


GLOBAL = PixelGrid("EPSG:4326", (0.25, 0, -180, 0, -0.25, 90), ((0, 0, 1440, 720),))


@pytest.mark.parametrize(
    ("place", "pixel"),
    [
        ((0, 0), (720, 360)),
        ((-180, 90), (0, 0)),
        ((180, 89.9), (0, 0)),
        ((179.999, -89.999), (1439, 719)),
        ((359.9, 0.1), (719, 359)),
        ((-0.25, 0.25), (719, 359)),
    ],
)
def test_pixels_around_the_globe(place, pixel):
    column, row = GLOBAL.pixels(*place)
    assert (int(column[0]), int(row[0])) == pixel


def test_regions_around_the_globe():
    whole = GLOBAL.window_of((-180, -90, 180, 90))
    assert (whole.column, whole.row, whole.width, whole.height) == (0, 0, 1440, 720)
    east = GLOBAL.window_of((179, 0, 180, 1))
    assert (east.column, east.width) == (1436, 4)
    pixel = GLOBAL.window_of((10.0, 10.0, 10.25, 10.25))
    assert (pixel.width, pixel.height) == (1, 1)


def test_a_window_is_where_its_pixels_are():
    window = GLOBAL.window_of((91, 31, 92, 32))
    lon, lat = GLOBAL.places(window.column, window.row)
    assert (float(lon), float(lat)) == pytest.approx((91.125, 31.875))
    grid = GLOBAL.request(window)
    assert grid["crsCode"] == "EPSG:4326"
    assert grid["affineTransform"]["translateX"] == pytest.approx(91)
    assert grid["affineTransform"]["translateY"] == pytest.approx(32)


def test_earth_engines_own_code_of_the_sinusoidal_grid_is_known():
    band = {
        "crs": "SR-ORG:6974",
        "crs_transform": [926.625433055833, 0, -20015109.354, 0, -926.625433055833, 10007554.677],
        "dimensions": [43200, 21600],
    }
    grid = grid_of_bands([band])
    column, row = grid.pixels(91.0, 33.0)
    lon, lat = grid.places(column, row)
    assert abs(float(lat[0]) - 33.0) < 0.005
    assert abs(float(lon[0]) - 91.0) < 0.006
    assert grid.covers(column, row).all()
    assert grid.request(grid.window_of((91, 32.9, 91.1, 33)))["crsCode"] == "SR-ORG:6974"


def test_tiles_on_one_lattice_cover_their_union():
    def tile(west, width):
        return {"crs": "EPSG:4326", "crs_transform": [0.1, 0, west, 0, -0.1, 34],
                "dimensions": [width, 5]}  # fmt: skip

    grid = grid_of_bands([tile(90, 4), tile(91.0, 4)])
    assert grid.extents == ((0, 0, 4, 5), (10, 0, 14, 5))
    column, row = grid.pixels([90.35, 90.45, 91.35], [33.95] * 3)
    assert grid.covers(column, row).tolist() == [True, False, True]


def test_tiles_of_other_systems_tell_nothing_of_the_first():
    def tile(zone, size):
        return {"crs": f"EPSG:326{zone}", "crs_transform": [size, 0, 500_000, 0, -size, 3_700_000],
                "dimensions": [10, 10]}  # fmt: skip

    assert grid_of_bands([tile(46, 10), tile(46, 10)]).extents is not None
    assert grid_of_bands([tile(46, 10), tile(47, 10)]).extents is None
    assert grid_of_bands([tile(46, 10), tile(46, 20)]).extents is None


def test_turned_grids_are_refused():
    with pytest.raises(ValueError, match="without shear"):
        PixelGrid("EPSG:4326", (0.1, 0.01, 0, 0, -0.1, 0))


def test_a_region_off_the_grid_is_refused():
    small = PixelGrid("EPSG:4326", (0.25, 0, 90, 0, -0.25, 34), ((0, 0, 4, 4),))
    with pytest.raises(OutsideCoverageError):
        small.window_of((10, 10, 11, 11))


def test_places_come_from_whatever_holds_them(tmp_path):
    wanted = pd.DataFrame(
        {"longitude": [91.5, 92.0], "latitude": [32.5, 33.0]},
        index=pd.Index(["A", "B"], name="station"),
    )
    table = wanted.reset_index()
    table.rename(columns={"station": "Site", "longitude": "lon", "latitude": "LAT"}).to_csv(
        tmp_path / "a.csv", index=False
    )
    features = [
        {"type": "Feature", "properties": {"name": name},
         "geometry": {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]}}
        for name, row in wanted.iterrows()
    ]  # fmt: skip
    (tmp_path / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    dataset = xr.Dataset(coords={
        "station": ["A", "B"], "longitude": ("station", [91.5, 92.0]),
        "latitude": ("station", [32.5, 33.0]),
    })  # fmt: skip
    dataset.to_netcdf(tmp_path / "a.nc")
    several_rows = pd.concat([table.assign(time=day) for day in ("2019-01-01", "2019-01-02")])
    for points in (
        wanted, table, dataset, several_rows, {"A": (91.5, 32.5), "B": (92.0, 33.0)},
        tmp_path / "a.csv", str(tmp_path / "a.geojson"), tmp_path / "a.nc",
    ):  # fmt: skip
        pd.testing.assert_frame_equal(read_points(points)[["longitude", "latitude"]], wanted)


def test_names_of_places_are_texts(tmp_path):
    (tmp_path / "a.csv").write_text("station,lon,lat\n007,91.5,32.5\n1e3,92.0,33.0\n")
    assert read_points(tmp_path / "a.csv").index.tolist() == ["007", "1e3"]
    frame = pd.DataFrame({"lon": [91.5], "lat": [32.5]}, index=["Maqu"])
    assert read_points(frame).index.tolist() == ["Maqu"]
    assert read_points(frame.reset_index(drop=True)).index.tolist() == ["P0001"]


def test_a_table_asset_holds_places(catalog, days_from):
    catalog._open().add_table(
        "projects/mine/assets/sites",
        [
            {"type": "Feature", "properties": {"station": f"S{i}"},
             "geometry": {"type": "Point", "coordinates": [90.1 + 0.001 * i, 33.9]}}
            for i in range(1200)
        ],
    )  # fmt: skip
    with catalog.connect():
        found = read_points("projects/mine/assets/sites")
    # More than the thousand features of one page.
    assert len(found) == 1200
    assert found.loc["S1199", "longitude"] == pytest.approx(91.299)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"station": ["A"], "latitude": [3]}, "no column longitude or lon"),
        ({"station": ["A", "A"], "lon": [1, 2], "lat": [3, 3]}, "more than one place"),
        ({"station": ["A"], "lon": [33], "lat": [102]}, "are the columns swapped"),
        ({"station": [], "lon": [], "lat": []}, "holds no place"),
    ],
)
def test_tables_that_hold_no_places(table, told):
    with pytest.raises(PointsError, match=told):
        read_points(pd.DataFrame(table))
