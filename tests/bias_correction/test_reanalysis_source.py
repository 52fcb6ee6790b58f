"""Reanalyses under their own names and units come out in one form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from pyproj import Geod

from local_core.bias_correction.observed_layers import read_observed_layers
from local_core.bias_correction.reanalysis_source import (
    ReanalysisDataError,
    at_stations,
    daily,
    frozen_state,
    read_reanalysis,
    standard_form,
)
from local_core.bias_correction.vegetation_map import read_vegetation_map
from local_core.stations import ColumnMapping

TIME = pd.date_range("2010-01-01", periods=4, freq="D")
GRID = {
    "time": TIME,
    "latitude": np.array([33.1, 33.0, 32.9]),
    "longitude": np.array([91.9, 92.0, 92.1, 92.2]),
}


def era5_land(time_name: str = "valid_time", names: str = "swvl{}") -> xr.Dataset:
    rng = np.random.default_rng(0)
    dims = (time_name, "latitude", "longitude")
    coords = {time_name if key == "time" else key: value for key, value in GRID.items()}
    variables = {
        names.format(i): (dims, rng.uniform(0.1, 0.5, (4, 3, 4)), {"units": "m**3 m**-3"})
        for i in (2, 1, 4, 3)
    }
    variables["stl1"] = (dims, rng.uniform(265, 285, (4, 3, 4)), {"units": "K"})
    return xr.Dataset(variables, coords)


@pytest.mark.parametrize("names", ["swvl{}", "volumetric_soil_water_layer_{}"])
def test_era5_land_layers_are_ordered_by_depth(names):
    raw = era5_land(names=names)
    form = standard_form(raw)
    assert form["layer"].values.tolist() == ["0-7", "7-28", "28-100", "100-289"]
    np.testing.assert_array_equal(form["soil_moisture"].sel(layer="7-28"), raw[names.format(2)])
    np.testing.assert_allclose(form["soil_temperature"].sel(layer="0-7"), raw["stl1"] - 273.15)


def test_gldas_kilograms_become_volumes():
    gldas = xr.Dataset(
        {
            "SoilMoi0_10cm_inst": (("time",), [25.0, 30.0], {"units": "kg m-2"}),
            "SoilMoi10_40cm_inst": (("time",), [75.0, 90.0], {"units": "kg m-2"}),
        },
        {"time": TIME[:2]},
    )
    form = standard_form(gldas)
    np.testing.assert_allclose(form["soil_moisture"].sel(layer="0-10"), [0.25, 0.30])
    np.testing.assert_allclose(form["soil_moisture"].sel(layer="10-40"), [0.25, 0.30])


@pytest.mark.realdata
def test_real_gldas_granule(shared_data):
    path = (
        shared_data / "TUW-GEO__rs_data_readers-test-data/img2ts_test/netcdf/2016/001"
        "/GLDAS_NOAH025_3H.A20160101.0300.021.nc4"
    )
    model = read_reanalysis(path)
    assert model["layer"].values.tolist() == ["0-10", "10-40"]
    near = at_stations(
        model,
        station=xr.DataArray(["CST_01"], dims="station"),
        latitude=xr.DataArray([33.8833], dims="station"),
        longitude=xr.DataArray([102.1333], dims="station"),
    )
    assert 0.05 < near["soil_moisture"].sel(layer="0-10").values.item() < 0.5
    assert near["distance_km"].values.item() < 18


def test_hours_become_days_and_days_keep_their_values():
    hours = xr.Dataset(
        {"soil_moisture": ("time", np.arange(48.0))},
        {"time": pd.date_range("2010-01-01", periods=48, freq="h")},
    )
    assert daily(hours)["soil_moisture"].values.tolist() == [11.5, 35.5]
    noon = hours.isel(time=[12, 36])
    np.testing.assert_array_equal(daily(noon)["time"], TIME[:2])
    assert daily(noon)["soil_moisture"].values.tolist() == [12.0, 36.0]


def test_a_time_without_dates_is_refused_and_not_counted_from_1970():
    dateless = xr.Dataset({"swvl1": ("time", np.full(3, 0.2))})
    with pytest.raises(ReanalysisDataError, match="expected dates"):
        daily(standard_form(dateless))


def test_files_are_lazy_and_a_folder_is_a_series(tmp_path):
    raw = era5_land()
    raw.isel(valid_time=slice(0, 2)).to_netcdf(tmp_path / "a.nc")
    raw.isel(valid_time=slice(2, 4)).to_netcdf(tmp_path / "b.nc")
    both = read_reanalysis(tmp_path, chunks={"time": 1})
    assert both["soil_moisture"].chunks is not None
    assert max(both["soil_moisture"].chunksizes["time"]) == 1
    np.testing.assert_array_equal(both["soil_moisture"].sel(layer="0-7"), raw["swvl1"])


def test_a_pulled_cube_is_a_grid_of_degrees():
    # As gee-sm pull --as cube writes it: rows and columns, and what they are in degrees.
    raw = era5_land().rename(valid_time="time")
    names = {"latitude": "y", "longitude": "x"}
    pulled = raw.rename(names).assign_coords(
        latitude=("y", raw["latitude"].values),
        longitude=("x", raw["longitude"].values),
        status=(("time", "y", "x"), np.zeros(tuple(raw.sizes[d] for d in ("time", *names)), "u1")),
    )
    expected = standard_form(raw)
    found = standard_form(pulled)
    np.testing.assert_array_equal(found["soil_moisture"], expected["soil_moisture"])
    np.testing.assert_array_equal(found["latitude"], expected["latitude"])
    assert "status" not in found.coords
    slanted = pulled.assign_coords(
        latitude=(("y", "x"), np.ones((pulled.sizes["y"], pulled.sizes["x"])))
    )
    with pytest.raises(ReanalysisDataError, match="one latitude"):
        standard_form(slanted)


@pytest.mark.parametrize(
    ("in_situ", "own", "expected"),
    [
        (["NET/A", "NET/B"], ["A", "B"], ["NET/A", "NET/B"]),
        (["A", "B"], ["NET/A", "B"], ["A", "B"]),
        (["N1/A", "N2/A"], ["A", "B"], ["A", "B"]),
        (["A"], ["N1/A", "N2/A"], ["N1/A", "N2/A"]),
    ],
)
def test_stations_are_known_with_and_without_their_network(in_situ, own, expected):
    series = xr.Dataset(
        {"soil_moisture": (("station", "layer", "time"), np.zeros((2, 1, 4)))},
        {"station": own, "layer": ["0-7"], "time": TIME},
    )
    place = xr.DataArray(np.zeros(len(in_situ)), dims="station")
    station = xr.DataArray(in_situ, dims="station")
    near = at_stations(series, station=station, latitude=place, longitude=place)
    assert near["station"].values.tolist() == expected


def test_nearest_point_with_its_distance():
    model = standard_form(era5_land())
    near = at_stations(
        model,
        station=xr.DataArray(["A", "B"], dims="station"),
        latitude=xr.DataArray([33.02, 32.91], dims="station"),
        longitude=xr.DataArray([91.93, 92.2], dims="station"),
    )
    expected = model["soil_moisture"].sel(latitude=33.0, longitude=91.9)
    np.testing.assert_array_equal(
        near["soil_moisture"].sel(station="A"), expected.transpose("layer", "time")
    )
    metres = Geod(ellps="WGS84").inv([91.93, 92.2], [33.02, 32.91], [91.9, 92.2], [33.0, 32.9])[2]
    np.testing.assert_allclose(near["distance_km"], np.divide(metres, 1000), atol=1e-6)


def test_places_off_the_grid_or_unknown_are_named():
    model = standard_form(era5_land())
    with pytest.raises(ReanalysisDataError, match="FAR \\(111 km\\)"):
        at_stations(
            model,
            station=xr.DataArray(["FAR"], dims="station"),
            latitude=xr.DataArray([34.1], dims="station"),
            longitude=xr.DataArray([92.0], dims="station"),
        )
    with pytest.raises(ReanalysisDataError, match="no latitude and longitude of X"):
        at_stations(
            model,
            station=xr.DataArray(["X"], dims="station"),
            latitude=xr.DataArray([np.nan], dims="station"),
            longitude=xr.DataArray([92.0], dims="station"),
        )


def test_frozen_state_needs_a_temperature():
    model = standard_form(era5_land())
    assert frozen_state(model.drop_vars("soil_temperature")) is None
    state = frozen_state(model)
    assert state.dims == model["soil_temperature"].dims


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (xr.Dataset({"t2m": ("time", [1.0, 2])}, {"time": TIME[:2]}), "variables t2m; expected"),
        (xr.Dataset({"swvl1": ((), 0.2)}), "expected 'time'"),
        (
            xr.Dataset({"swvl1": ("time", [1.0], {"units": "furlong"})}, {"time": TIME[:1]}),
            "'furlong'",
        ),
        (
            xr.Dataset(
                {
                    "swvl1": ("time", [0.2]),
                    "stl1": ("time", [280.0], {"units": "F"}),
                },
                {"time": TIME[:1]},
            ),
            "expected K or degC",
        ),
    ],
)
def test_unknown_variables_and_units_are_refused(dataset, message):
    with pytest.raises(ReanalysisDataError, match=message):
        standard_form(dataset)


def test_unreadable_files_are_named(tmp_path):
    (tmp_path / "junk.nc").write_bytes(b"junk")
    with pytest.raises(ReanalysisDataError, match="cannot be read as NetCDF"):
        read_reanalysis(tmp_path / "junk.nc")
    with pytest.raises(ReanalysisDataError, match="no such file"):
        read_reanalysis(tmp_path / "absent.nc")
    (tmp_path / "a.csv").write_text("time,x\n2010-01-01,1\n")
    with pytest.raises(ReanalysisDataError, match="no column layer, soil_moisture"):
        read_reanalysis(tmp_path / "a.csv")


def test_tables_with_and_without_mapping(tmp_path):
    (tmp_path / "long.csv").write_text(
        "station,time,layer,soil_moisture\nA,2010-01-01,0-7,0.2\nA,2010-01-02,0-7,0.3\n"
        "A,2010-01-01,7-28,0.4\n"
    )
    table = read_reanalysis(tmp_path / "long.csv")
    assert table["soil_moisture"].sel(station="A", layer="0-7").values.tolist() == [0.2, 0.3]
    (tmp_path / "wide.csv").write_text("day,gldas\n2010-01-01,20\n2010-01-03,30\n")
    mapping = ColumnMapping(time="day", moisture={"gldas": (0, 10)}, moisture_scale=0.01)
    wide = read_reanalysis(tmp_path / "wide.csv", mapping=mapping)
    assert wide["soil_moisture"].sel(station="wide", layer="0-10").values.tolist() == [0.2, 0.3]
    point = ColumnMapping(time="day", moisture={"gldas": 5})
    with pytest.raises(ReanalysisDataError, match="give the layer"):
        read_reanalysis(tmp_path / "wide.csv", mapping=point)


def test_observed_layers_take_types_and_places_from_a_table(tmp_path, observed):
    observed.drop_vars(["vegetation_type", "latitude", "longitude"]).to_netcdf(tmp_path / "o.nc")
    bare = read_observed_layers(tmp_path / "o.nc")
    assert set(bare["vegetation_type"].values) == {""}
    sites = pd.DataFrame({"station": ["AM1"], "vegetation_type": ["meadow"], "latitude": [33.0]})
    named = read_observed_layers(tmp_path / "o.nc", sites=sites)
    assert named["vegetation_type"].sel(station="SYN/AM1") == "meadow"
    assert named["latitude"].sel(station="SYN/AM1") == 33.0
    assert np.isnan(named["latitude"].sel(station="SYN/AM2"))
    with pytest.raises(ValueError, match="no station of the table"):
        read_observed_layers(tmp_path / "o.nc", sites=sites.assign(station="elsewhere"))


def test_stations_by_depth_need_layers(tmp_path, network):
    network.stations.to_netcdf(tmp_path / "depth.nc")
    with pytest.raises(ValueError, match="by sensor depth"):
        read_observed_layers(tmp_path / "depth.nc")
    layered = read_observed_layers(tmp_path / "depth.nc", layers="0-10")
    assert layered["layer"].values.tolist() == ["0-10"]


def test_vegetation_map_from_netcdf_and_geotiff_agree(tmp_path):
    like = standard_form(era5_land())["soil_moisture"]
    code = np.arange(12, dtype="int16").reshape(3, 4) % 3
    attrs = {"flag_values": np.array([0, 1, 2]), "flag_meanings": "water meadow steppe"}
    xr.Dataset(
        {"type": (("lat", "lon"), code, attrs)},
        {"lat": GRID["latitude"], "lon": GRID["longitude"]},
    ).to_netcdf(tmp_path / "map.nc")
    with rasterio.open(
        tmp_path / "map.tif",
        "w",
        driver="GTiff",
        height=3,
        width=4,
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=rasterio.transform.from_origin(91.85, 33.15, 0.1, 0.1),
    ) as target:
        target.write(code, 1)
    from_netcdf = read_vegetation_map(tmp_path / "map.nc", like=like)
    from_geotiff = read_vegetation_map(tmp_path / "map.tif", like=like)
    np.testing.assert_array_equal(from_netcdf, code)
    np.testing.assert_array_equal(from_geotiff, code)
    assert from_netcdf.attrs["flag_meanings"] == "water meadow steppe"
    south = like.assign_coords(latitude=like["latitude"] - 0.1)
    shifted = read_vegetation_map(tmp_path / "map.nc", like=south)
    np.testing.assert_array_equal(shifted[:2], code[1:])
    assert (shifted[2] == -1).all()
    with pytest.raises(ReanalysisDataError, match="covers latitude"):
        read_vegetation_map(
            tmp_path / "map.nc", like=like.assign_coords(latitude=like["latitude"] - 20)
        )


def test_projected_or_ambiguous_maps_are_refused(tmp_path):
    like = standard_form(era5_land())["soil_moisture"]
    with rasterio.open(
        tmp_path / "utm.tif",
        "w",
        driver="GTiff",
        height=2,
        width=2,
        count=1,
        dtype="uint8",
        crs="EPSG:32646",
        transform=rasterio.transform.from_origin(0, 0, 30, 30),
    ) as target:
        target.write(np.zeros((1, 2, 2), dtype="uint8"))
    with pytest.raises(ReanalysisDataError, match="geographic coordinates"):
        read_vegetation_map(tmp_path / "utm.tif", like=like)
    two = xr.Dataset(
        {name: (("latitude", "longitude"), np.zeros((3, 4))) for name in "ab"},
        {key: GRID[key] for key in ("latitude", "longitude")},
    )
    two.to_netcdf(tmp_path / "two.nc")
    with pytest.raises(ReanalysisDataError, match="2 variables"):
        read_vegetation_map(tmp_path / "two.nc", like=like)
    (tmp_path / "bad.tif").write_bytes(b"no tiff")
    with pytest.raises(ReanalysisDataError, match="cannot be read as GeoTIFF"):
        read_vegetation_map(tmp_path / "bad.tif", like=like)
