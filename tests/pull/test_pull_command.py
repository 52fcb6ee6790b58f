"""``gee-sm pull``: files that the other commands read as they are, and errors that help."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

from gee_sm.cli import main
from gee_sm.sample.wide_ground import VEGETATION_TYPES

START, END = "2020-06-01", "2020-09-01"


@pytest.fixture
def run():
    """Run ``gee-sm`` with arguments, and return what it printed; exit codes are checked."""

    def call(*arguments, code=0):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output + repr(result.exception)
        return result.output

    return call


@pytest.fixture
def places_file(tmp_path, smap_centre):
    """Three places, one of them far away."""
    lines = ["station,longitude,latitude"]
    for name, pixel in (("A", (0, 0)), ("B", (4, 3))):
        lon, lat = smap_centre(*pixel)
        lines.append(f"{name},{lon},{lat}")
    lines.append("far,10,10")
    path = tmp_path / "places.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def small(catalog, days_from):
    """Folder of a catalog with SMAP and rain on ten days."""
    catalog.add_smap(days_from("2019-01-01", 10))
    catalog.add_rain(days_from("2019-01-01", 10))
    with catalog.connect():
        pass
    return catalog.folder


def test_formats_hold_the_same_values(small, places_file, tmp_path, run):
    asked = ("pull", "--emulator", small, "--product", "smap", "--at", "stations", "--stations",
             places_file, "--start", "2019-01-01", "--end", "2019-01-12", "--bands",
             "soil_moisture,soil_moisture_am", "--no-picture", "--quiet")  # fmt: skip
    told = run(*asked, "--out", tmp_path / "a.nc")
    assert "3 stations x 11 times" in told
    assert "no series at 1 places: far" in told
    first = xr.load_dataset(tmp_path / "a.nc")
    assert first["soil_moisture"].dims == ("station", "time")
    run(*asked, "--out", tmp_path / "a.zarr")
    zarr = xr.open_zarr(tmp_path / "a.zarr", consolidated=False).load()
    np.testing.assert_array_equal(zarr["soil_moisture"], first["soil_moisture"])
    run(*asked, "--out", tmp_path / "a.csv")
    run(*asked, "--out", tmp_path / "a.parquet")
    tables = [pd.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "a.parquet")]
    for table in tables:
        assert list(table.columns[:5]) == [
            "time", "station", "soil_moisture", "soil_moisture_am", "status",
        ]  # fmt: skip
        wide = table.assign(time=pd.to_datetime(table["time"]).dt.tz_localize(None)).pivot(
            index="station", columns="time", values="soil_moisture"
        )
        np.testing.assert_allclose(
            wide.loc[first["station"].values], first["soil_moisture"], rtol=1e-6
        )
        assert set(table["status"]) <= {
            "ok", "some_bands_missing", "removed_by_quality_rule", "no_stored_value", "no_image",
            "outside_coverage",
        }  # fmt: skip


def test_several_products_have_a_file_each(small, places_file, tmp_path, run):
    asked = ("pull", "--emulator", small, "--product", "smap", "--product", "chirps", "--stations",
             places_file, "--start", "2019-01-01", "--end", "2019-01-05", "--quiet")  # fmt: skip
    run(*asked, "--out", tmp_path / "series")
    assert sorted(path.name for path in (tmp_path / "series").iterdir()) == [
        "chirps.nc", "chirps.png", "smap.nc", "smap.png",
    ]  # fmt: skip
    run(*asked, "--no-picture", "--out", tmp_path / "at_{product}.csv")
    assert (tmp_path / "at_smap.csv").exists()
    assert "need a file each" in run(*asked, "--out", tmp_path / "one.nc", code=1)


def test_a_cube_on_the_command_line(small, tmp_path, run):
    told = run(
        "pull", "--emulator", small, "--product", "chirps", "--as", "cube", "--region",
        "90,33.6,90.4,34", "--start", "2019-01-01", "--end", "2019-01-12", "--out",
        tmp_path / "rain.nc", "--quiet",
    )  # fmt: skip
    found = xr.load_dataset(tmp_path / "rain.nc")
    assert found["precipitation"].dims == ("time", "y", "x")
    assert found.sizes["time"] == 11
    assert "11 times x 5 rows x 5 columns" in told
    assert (tmp_path / "rain.png").stat().st_size > 5_000


def test_the_cache_on_the_command_line(small, places_file, tmp_path, run, own_cache):
    asked = ("pull", "--emulator", small, "--product", "chirps", "--stations", places_file,
             "--start", "2019-01-01", "--end", "2019-01-05", "--no-picture", "--quiet",
             "--out", tmp_path / "a.nc")  # fmt: skip
    run(*asked)
    assert "0 requests answered" in run(*asked)
    assert f"{own_cache}: 3 answers" in run("pull", "--show-cache")
    assert "3 answers removed" in run("pull", "--clear-cache")
    assert "3 requests answered" in run(*asked)
    run(*asked, "--cache-dir", tmp_path / "elsewhere")
    assert "3 answers" in run("pull", "--cache-dir", tmp_path / "elsewhere", "--show-cache")


def test_own_files_come_in_the_same_form(tmp_path, run, places_file):
    time = pd.date_range("2019-01-01", periods=4)
    values = np.random.default_rng(1).uniform(0.1, 0.4, (4, 6, 8))
    xr.Dataset(
        {"sm": (("time", "lat", "lon"), values, {"units": "m3 m-3"}),
         "flag": (("time", "lat", "lon"), np.zeros((4, 6, 8), "int16"))},
        {"time": time, "lat": 33.96 - 0.08 * np.arange(6), "lon": 90.04 + 0.08 * np.arange(8)},
    ).to_netcdf(tmp_path / "cci.nc")  # fmt: skip
    asked = ("pull", "--file", tmp_path / "cci.nc", "--product", "esa_cci_sm", "--bands",
             "soil_moisture", "--start", "2019-01-01", "--end", "2019-01-07", "--quiet",
             "--no-picture")  # fmt: skip
    run(*asked, "--stations", places_file, "--out", tmp_path / "a.nc")
    found = xr.load_dataset(tmp_path / "a.nc")
    np.testing.assert_allclose(found["soil_moisture"][1, :4], values[:, 3, 4], rtol=1e-6)
    assert found["status"].values.tolist() == [[0] * 4 + [5] * 2] * 2 + [[6] * 6]
    run(*asked, "--as", "cube", "--region", "90,33.6,90.4,34", "--out", tmp_path / "b.nc")
    cube = xr.load_dataset(tmp_path / "b.nc")
    np.testing.assert_allclose(cube["soil_moisture"][0], values[0, :5, :5], rtol=1e-6)
    # What it is made from stays as it is.
    before = (tmp_path / "cci.nc").read_bytes(), places_file.read_bytes()
    for taken in (tmp_path / "cci.nc", places_file):
        told = run(*asked, "--stations", places_file, "--out", taken, code=1)
        assert "is one of the inputs" in told
    assert ((tmp_path / "cci.nc").read_bytes(), places_file.read_bytes()) == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--at", "stations", "--out", "a.nc"], "--product and --out must be given"),
        (["--product", "smap", "--out", "a.nc"], "--at stations (series), or --as cube"),
        (["--product", "smop", "--at", "stations", "--out", "a.nc"], "did you mean smap"),
        (["--product", "smap", "--at", "stations", "--out", "a.xlsx"], ".parquet"),
        (["--product", "smap", "--as", "cube", "--at", "stations", "--out", "a.nc"], "no stations"),
        (["--product", "smap", "--at", "stations", "--out", "a.nc"], "--stations must be given"),
        (["--product", "smap", "--at", "stations", "--region", "1,2,3,4", "--out", "a.nc"],
         "--region are for --as cube"),
        (["--product", "smap", "--stations", "nowhere.csv", "--out", "a.nc"], "no such file"),
        (["--product", "gldas", "--as", "cube", "--region", "90,33,91,34", "--out", "a.nc"],
         "has no gldas: it holds smap, chirps."),
        (["--product", "smap", "--as", "cube", "--region", "170,33,-170,34", "--out", "a.nc"],
         "across the date line ask for both sides"),
    ],
)  # fmt: skip
def test_bad_arguments_say_what_to_do(small, run, arguments, told):
    where = ["--emulator", small]
    assert told in run("pull", *where, "--start", "2019-01-01", "--end", "2019-01-05", *arguments,
                       code=1)  # fmt: skip


def test_a_file_that_cannot_be_is_refused_before_anything_is_pulled(
    small, tmp_path, run, monkeypatch, own_cache
):
    (tmp_path / "taken").write_text("a file")
    asked = ("pull", "--emulator", small, "--product", "chirps", "--as", "cube", "--region",
             "90,33.6,90.4,34", "--start", "2019-01-01", "--end", "2019-01-02")  # fmt: skip
    told = run(*asked, "--out", tmp_path / "taken" / "a.nc", code=1)
    assert f"{tmp_path / 'taken'} is a file, not a folder" in told
    # Who runs the tests may be allowed to write everywhere.
    monkeypatch.setattr("gee_sm.pull.writing.os.access", lambda path, mode: path != tmp_path)
    told = run(*asked, "--out", tmp_path / "new" / "a.nc", code=1)
    assert f"the folder {tmp_path} may not be written to" in told
    assert not own_cache.exists()


@pytest.mark.parametrize(("options", "told"), [((), "goes on from here"),
                                               (("--no-cache",), "nothing was kept")])  # fmt: skip
def test_an_interrupted_pull_says_what_is_kept(
    small, places_file, tmp_path, run, monkeypatch, options, told
):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gee_sm.client_calls.ee.data.computePixels", interrupted)
    asked = ("pull", "--emulator", small, "--product", "chirps", "--stations", places_file,
             "--start", "2019-01-01", "--end", "2019-01-05",
             "--out", tmp_path / "a.nc")  # fmt: skip
    assert told in run(*asked, *options, code=130)
    assert not (tmp_path / "a.nc").exists()


@pytest.mark.slow
def test_a_catalog_brings_its_own_places(coarse_sample, tmp_path, run):
    told = run(
        "pull", "--emulator", coarse_sample, "--product", "chirps", "--at", "stations",
        "--start", "2020-07-01", "--end", "2020-07-11", "--out", tmp_path / "rain.nc",
    )  # fmt: skip
    assert "18 stations x 10 times" in told
    with xr.open_dataset(tmp_path / "rain.nc") as found:
        assert found["precipitation"].dims == ("station", "time")
        assert set(found["vegetation_type"].values) == set(VEGETATION_TYPES)


def test_from_the_sample_to_scores(coarse_sample, tmp_path, run):
    """Pull three products, estimate their errors, merge them, correct one, and score them."""
    from gee_sm.sample.truth_cube import truth_cube

    rng = np.random.default_rng(5)
    places = pd.DataFrame(
        {
            "station": [f"S{i}" for i in range(5)],
            "longitude": rng.uniform(92.1, 92.9, 5),
            "latitude": rng.uniform(32.2, 32.9, 5),
        }
    )
    places.to_csv(tmp_path / "places.csv", index=False)
    asked = ("pull", "--emulator", coarse_sample, "--stations", tmp_path / "places.csv", "--start",
             START, "--end", END, "--no-picture", "--quiet")  # fmt: skip
    for product, band in (
        ("smap", "soil_moisture"),
        ("era5_land", "soil_moisture_0_7cm"),
        ("gldas", "soil_moisture_0_10cm"),
    ):
        run(*asked, "--product", product, "--bands", band, "--step", "day", "--out",
            tmp_path / f"{product}.nc")  # fmt: skip
    files = [tmp_path / f"{product}.nc" for product in ("smap", "era5_land", "gldas")]
    run("collocate", *files, "--out", tmp_path / "errors.nc", "--reference", "gldas")
    errors = xr.load_dataset(tmp_path / "errors.nc")
    assert (errors["n"] > 40).all()
    run("merge", *files, "--out", tmp_path / "merged.nc", "--reference", "gldas")
    # The truth at the places stands for stations.
    days = pd.date_range(START, END, inclusive="left")
    truth = truth_cube(coarse_sample, (days + pd.Timedelta(hours=12)).values, depth=(0, 10))
    from pyproj import Transformer

    x, y = Transformer.from_crs("EPSG:4326", truth.attrs["crs"], always_xy=True).transform(
        places["longitude"], places["latitude"]
    )
    at = {"x": xr.DataArray(x, dims="station"), "y": xr.DataArray(y, dims="station")}
    measured = truth.sel(**at, method="nearest").transpose("station", "time").values
    table = pd.DataFrame(
        {
            "station": np.repeat(places["station"], len(days)),
            "time": np.tile(days, len(places)),
            "layer": "0-7",
            "soil_moisture": measured.ravel(),
        }
    )
    table.to_csv(tmp_path / "stations.csv", index=False)
    run("validate", f"merged={tmp_path / 'merged.nc'}:soil_moisture", f"GLDAS={files[2]}",
        tmp_path / "stations.csv", "--out", tmp_path / "scores", "--no-figures",
        "--no-intervals", "--reference-variable", "soil_moisture")  # fmt: skip
    scores = pd.read_csv(next((tmp_path / "scores").glob("scores_*all*.csv"), None)
                         or next((tmp_path / "scores").glob("scores_*.csv")))  # fmt: skip
    assert {"merged", "GLDAS"} <= set(scores.astype(str).to_numpy().ravel())
    run("correct", tmp_path / "stations.csv", files[1], "--out", tmp_path / "corrected",
        "--method", "mean-std", "--min-years", "0.1", "--min-days", "30",
        "--no-figures")  # fmt: skip
    assert list((tmp_path / "corrected").glob("*.nc"))
