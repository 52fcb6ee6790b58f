"""Series from tables, station files and grids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from local_core.validation import (
    SeriesFileError,
    SeriesOptions,
    at_stations,
    read_series,
)


def test_station_file_gives_the_shallowest_depth_and_the_sites(station_file):
    read = read_series(station_file)
    truth = xr.load_dataset(station_file)
    assert list(read.series) == [str(s) for s in truth["station"].values]
    np.testing.assert_array_equal(
        read.series["Maqu/M2"], truth["soil_moisture"].sel(station="Maqu/M2", depth=0.05)
    )
    assert read.sites.loc["Naqu/N2", "land_cover"] == "steppe"
    assert set(read.frozen["Naqu/N1"].unique()) == {0.0, 1.0}
    deeper = read_series(station_file, SeriesOptions(depth_m=0.2, factor=100))
    np.testing.assert_allclose(
        deeper.series["Maqu/M2"],
        100 * truth["soil_moisture"].sel(station="Maqu/M2", depth=0.2),
    )


def test_grid_series_come_from_the_nearest_pixel(grid_file, station_file):
    sites = read_series(station_file).sites
    grid = read_series(grid_file)
    taken = at_stations(grid, sites)
    lat, lon = grid["lat"].values, grid["lon"].values
    for name, site in sites.iterrows():
        row = np.abs(lat - site["latitude"]).argmin()
        column = np.abs(lon - site["longitude"]).argmin()
        assert taken.series[name].iloc[7] == row * lon.size + column
    assert (taken.sites["distance_km"] < 20).all()
    near = at_stations(grid, sites, max_distance_km=5.0)
    assert 0 < len(near.series) < len(sites)


def test_grid_with_two_dimensional_coordinates(grid_file, station_file):
    grid = read_series(grid_file)
    sites = read_series(station_file).sites
    lat, lon = xr.broadcast(grid["lat"], grid["lon"])
    swath = grid.rename(lat="row", lon="cell").drop_vars(["row", "cell"])
    swath = swath.assign_coords(
        latitude=(("row", "cell"), lat.values), longitude=(("row", "cell"), lon.values)
    )
    one, other = at_stations(grid, sites), at_stations(swath, sites)
    for name in one.series:
        pd.testing.assert_series_equal(one.series[name], other.series[name])


def test_percent_is_turned_into_a_fraction(tmp_path):
    time = pd.date_range("2020-01-01", periods=3)
    path = tmp_path / "a.nc"
    xr.Dataset({"sm": ("time", [10.0, 20.0, 30.0], {"units": "%"})}, {"time": time}).to_netcdf(path)
    assert read_series(path).series["a"].tolist() == pytest.approx([0.1, 0.2, 0.3])


def test_single_series_of_a_table_is_called_as_its_file(tmp_path):
    path = tmp_path / "Maqu.csv"
    path.write_text("when,sm,flag\n2020-07-02T00:00:00Z,0.3,G\n2020-07-01T00:00:00Z,0.2,D\n")
    read = read_series(path, SeriesOptions(variable="sm"))
    assert read.series["Maqu"].tolist() == [0.2, 0.3]
    good = read_series(path, SeriesOptions(where="flag == 'G'"))
    assert good.series["Maqu"].tolist() == [0.3]


def test_table_with_stations_keeps_what_it_says_about_them(estimate_file):
    read = read_series(estimate_file)
    assert set(read.series) == {"N1", "N2", "N3", "M1", "M2", "M3"}
    assert read.series["N1"].index.is_monotonic_increasing


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("time,a,b\n2020-01-01,1,2\n", {}, "name one of a, b"),
        ("time,a\n2020-01-01,1\n", {"variable": "sm"}, "no column 'sm'"),
        ("time,a\n2020-01-01,1\n", {"station": "site"}, "no column 'site'"),
        ("time,a\n03/04/2020,1\n", {}, "dates such as"),
        ("time,a\n2020-01-01,1\n", {"where": "b > 0"}, "cannot be evaluated"),
        ("", {}, "cannot be read"),
    ],
)
def test_unusable_tables_are_named(content, options, message, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(content)
    with pytest.raises(SeriesFileError, match=message) as error:
        read_series(path, SeriesOptions(**options))
    assert str(path) in str(error.value)


def test_unusable_netcdf_is_named(tmp_path, station_file, grid_file):
    broken = tmp_path / "broken.nc"
    broken.write_bytes(b"not a NetCDF")
    with pytest.raises(SeriesFileError, match=r"broken\.nc"):
        read_series(broken)
    with pytest.raises(SeriesFileError, match=r"none\.nc"):
        read_series(tmp_path / "none.nc")
    with pytest.raises(SeriesFileError, match="no variable 'sm'"):
        read_series(station_file, SeriesOptions(variable="sm"))
    with pytest.raises(SeriesFileError, match=r"no depth 1 m; there are 0\.05, 0\.2"):
        read_series(station_file, SeriesOptions(depth_m=1.0))
    sites = read_series(station_file).sites
    with pytest.raises(SeriesFileError, match="no latitude and longitude"):
        at_stations(read_series(grid_file), sites[["network"]])
    with pytest.raises(SeriesFileError, match="no coordinate latitude or lat"):
        at_stations(read_series(grid_file).rename(lat="y"), sites)


def test_two_depths_in_one_table_are_not_mixed(tmp_path):
    path = tmp_path / "stations.csv"
    rows = ["station,time,depth_cm,soil_moisture"]
    rows += [f"A,2020-07-0{day},{depth},0.{day}{depth:02d}" for day in (1, 2) for depth in (5, 20)]
    path.write_text("\n".join(rows))
    with pytest.raises(SeriesFileError, match=r"several values .* of station 'A': keep one"):
        read_series(path)
    shallow = read_series(path, SeriesOptions(where="depth_cm == 5"))
    assert shallow.series["A"].tolist() == [0.105, 0.205]
    path.write_text("\n".join([rows[0], rows[1], rows[1]]))
    assert read_series(path).series["A"].tolist() == [0.105]


def test_an_empty_cell_beside_a_value_of_the_same_time_is_no_second_value(tmp_path):
    path = tmp_path / "station.csv"
    path.write_text("time,sm\n2020-07-01,\n2020-07-01,0.1\n2020-07-02,\n")
    (series,) = read_series(path).series.values()
    np.testing.assert_array_equal(series, [0.1, np.nan])
