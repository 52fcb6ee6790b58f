"""``gee-sm correct`` in its three modes, on made-up and on real series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

from gee_sm.cli.correct import command
from local_core.bias_correction import HarmonicBiasCorrector, single_site_correction
from local_core.bias_correction.skill_tables import skill_table
from local_core.stations import write_station_file


def run(*arguments: object):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def files(tmp_path_factory, network, observed):
    """Station file, reanalysis by station, the same as a grid, and its vegetation map."""
    folder = tmp_path_factory.mktemp("inputs")
    write_station_file(observed, folder / "stations.nc")
    network.reanalysis.to_netcdf(folder / "by_station.nc")
    latitude, longitude = 32.9 + 0.1 * np.arange(11), 91.9 + 0.1 * np.arange(11)
    # Station i sits at 33.0 + 0.1 i, 92.0 + 0.1 i: row and column i + 1.
    place = np.clip(np.arange(11) - 1, 0, 8)
    model = network.reanalysis.isel(station=place).transpose("layer", "time", "station")
    variables = {}
    for index in range(4):
        moisture = model["soil_moisture"].values[index].astype("float32")
        warmth = model["soil_temperature"].values[index].astype("float32") + 273.15
        for name, values, unit in (
            (f"swvl{index + 1}", moisture, "m**3 m**-3"),
            (f"stl{index + 1}", warmth, "K"),
        ):
            rows = np.repeat(values[:, :, None], 11, axis=2)
            variables[name] = (("valid_time", "latitude", "longitude"), rows, {"units": unit})
    coords = {
        "valid_time": network.reanalysis["time"].values,
        "latitude": latitude,
        "longitude": longitude,
    }
    xr.Dataset(variables, coords).to_netcdf(folder / "grid.nc")
    kinds = network.stations["vegetation_type"].values[place]
    names = sorted(set(kinds))
    code = np.array([names.index(kind) + 1 for kind in kinds])[:, None] * np.ones((1, 11), int)
    xr.Dataset(
        {
            "type": (
                ("latitude", "longitude"),
                code.astype("int16"),
                {
                    "flag_values": np.array([1, 2, 3], dtype="int16"),
                    "flag_meanings": " ".join(name.replace(" ", "_") for name in names),
                },
            )
        },
        {"latitude": latitude, "longitude": longitude},
    ).to_netcdf(folder / "vegetation.nc")
    return folder


def test_single_mode_writes_table_figures_and_comparison(files, tmp_path, network, observed):
    result = run(files / "stations.nc", files / "by_station.nc", "--out", tmp_path, "--compare")
    assert result.exit_code == 0, result.output
    assert "36 of 36 series judged" in result.output
    names = {path.name for path in tmp_path.iterdir()}
    assert {
        "single_site.nc",
        "single_site.csv",
        "single_site.md",
        "single_site_freezing.csv",
        "single_site_parameters.nc",
        "single_site_series.png",
        "single_site_modes.png",
        "single_site_fit.png",
        "single_methods.csv",
        "single_methods.md",
        "single_methods.png",
    } == names
    methods = pd.read_csv(tmp_path / "single_methods.csv").set_index("method")
    assert list(methods.index) == ["none", "vmd", "harmonic", "mean-std", "linear", "cdf"]
    assert methods.loc["vmd", "RMSE (m3 m-3)"] < 0.1 * methods.loc["none", "RMSE (m3 m-3)"]
    expected = skill_table(
        single_site_correction(
            HarmonicBiasCorrector(),
            network.reanalysis["soil_moisture"],
            observed["soil_moisture"],
        )
    )
    assert methods.loc["harmonic", "RMSE (m3 m-3)"] == pytest.approx(
        expected["rmse_corrected"].mean(), rel=1e-3
    )


def test_cross_mode_draws_itself_beside_single_site_correction(files, tmp_path):
    result = run(
        files / "stations.nc",
        files / "by_station.nc",
        "--out",
        tmp_path,
        "--mode",
        "cross",
        "--method",
        "harmonic",
    )
    assert result.exit_code == 0, result.output
    names = {path.name for path in tmp_path.iterdir()}
    assert {"cross_site_series.png", "cross_site_against_single.png", "cross_site.md"} <= names
    assert "| Validation site | Sites fitted |" in (tmp_path / "cross_site.md").read_text()


def test_cross_mode_from_a_grid_with_all_terms(files, tmp_path):
    result = run(
        files / "stations.nc",
        files / "grid.nc",
        "--out",
        tmp_path,
        "--mode",
        "cross",
        "--method",
        "harmonic",
        "--frozen-term",
        "--anomaly-term",
        "--trend",
        "constant",
        "--no-figures",
    )
    assert result.exit_code == 0, result.output
    with xr.open_dataset(tmp_path / "cross_site_parameters.nc") as parameters:
        assert parameters.attrs["frozen_term"] == "True"
        assert (parameters["trend"] == 0).all()
        assert (abs(parameters["anomaly_gain"]) > 0).any()
    table = pd.read_csv(tmp_path / "cross_site.csv")
    assert (table["rmse_corrected"] < table["rmse_initial"]).all()


@pytest.mark.parametrize(
    "terms", [(), ("--frozen-term", "--anomaly-term")], ids=["day by day", "whole series"]
)
def test_regional_mode_equals_the_cross_site_curve_of_its_type(files, tmp_path, terms, network):
    result = run(
        files / "stations.nc",
        files / "grid.nc",
        "--out",
        tmp_path,
        "--mode",
        "regional",
        "--method",
        "harmonic",
        "--vegetation-map",
        files / "vegetation.nc",
        "--chunk-days",
        500,
        "--chunk-rows",
        4,
        "--no-figures",
        *terms,
    )
    assert result.exit_code == 0, result.output
    with (
        xr.open_dataset(tmp_path / "regional.nc") as corrected,
        xr.open_dataset(files / "grid.nc") as grid,
    ):
        assert corrected["soil_moisture"].sizes == {
            "layer": 4,
            "time": grid.sizes["valid_time"],
            "latitude": 11,
            "longitude": 11,
        }
        truth = network.truth["layer_soil_moisture"].isel(station=4).sel(layer="0-7")
        there = corrected["soil_moisture"].sel(layer="0-7").isel(latitude=5, longitude=5)
        before = grid["swvl1"].isel(latitude=5, longitude=5).values - truth.values
        after = there.values - truth.values
    assert np.sqrt((after**2).mean()) < 0.3 * np.sqrt((before**2).mean())


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["--mode", "regional"], "needs --vegetation-map", 2),
        (["--train-share", "3"], "train_share=3.0", 1),
        (["--time-origin", "soon"], "not an ISO date", 1),
        (["--mode", "cross", "--leave-out", "QT01"], "no station QT01", 1),
        (["--method", "magic"], "'magic' is not one of", 2),
        (["--train-until", "soon"], "train_until='soon' is not a date", 1),
        (["--train-until", "2010-01-01", "--mode", "cross"], "needs --mode single", 2),
        (["--leave-out", "SYN/AM1"], "needs --mode cross", 2),
        (["--method", "cdf", "--literal"], "needs --method vmd", 2),
        (["--method", "cdf", "--frozen-term"], "need --method vmd or harmonic", 2),
    ],
)
def test_bad_options_are_explained_and_write_nothing(files, tmp_path, arguments, message, code):
    out = tmp_path / "out"
    result = run(files / "stations.nc", files / "by_station.nc", "--out", out, *arguments)
    assert result.exit_code == code
    assert message in result.output
    assert "Traceback" not in result.output
    assert not out.exists()


def test_swapped_files_are_explained(files, tmp_path):
    result = run(files / "grid.nc", files / "stations.nc", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "expected a variable 'soil_moisture'" in result.output


PYBREAKS = "TUW-GEO__pybreaks/tests/test-data/csv_ts"


@pytest.mark.realdata
def test_real_gldas_against_cci_as_a_stand_in(tmp_path, shared_data):
    # No collocated in-situ series are at hand: the satellite product takes their place.
    tables = tmp_path / "tables"
    tables.mkdir()
    for gpi in ("315220", "325278", "388572"):
        raw = pd.read_csv(shared_data / PYBREAKS / f"data_{gpi}.csv")
        raw.rename(columns={"Unnamed: 0": "day"}).to_csv(tables / f"{gpi}.csv", index=False)
    for name, column in (("insitu", "CCI_41_COMBINED"), ("model", "gldas_v21")):
        (tmp_path / f"{name}.toml").write_text(
            f'time = "day"\nmoisture_scale = 0.01\n[moisture]\n{column} = [0, 10]\n'
        )
    result = run(
        tables,
        tables,
        "--mapping",
        tmp_path / "insitu.toml",
        "--reanalysis-mapping",
        tmp_path / "model.toml",
        "--out",
        tmp_path / "out",
        "--method",
        "harmonic",
        "--trend",
        "constant",
        "--compare",
        "--no-figures",
    )
    assert result.exit_code == 0, result.output
    methods = pd.read_csv(tmp_path / "out" / "single_methods.csv").set_index("method")
    assert (methods["series"] == 3).all()
    assert (methods["RMSE (m3 m-3)"] < 0.08).all()
    table = pd.read_csv(tmp_path / "out" / "single_site.csv")
    assert (table["n"] > 1000).all()


def test_types_of_the_user_win_over_those_of_a_reanalysis_by_station(files, observed, tmp_path):
    names = [str(name) for name in observed["station"].values]
    types = ["shrub" if index < 4 else "steppe" for index in range(len(names) - 1)]
    sites = pd.DataFrame({"station": names[:-1], "vegetation_type": types})
    sites.to_csv(tmp_path / "sites.csv", index=False)
    with xr.open_dataset(files / "by_station.nc") as reanalysis:
        assert "vegetation_type" in reanalysis.coords
    for mode in ("single", "cross"):
        result = run(
            files / "stations.nc", files / "by_station.nc", "--sites", tmp_path / "sites.csv",
            "--mode", mode, "--method", "harmonic", "--out", tmp_path, "--no-figures",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        with xr.open_dataset(tmp_path / f"{mode}_site.nc") as dataset:
            assert dataset["vegetation_type"].values.tolist() == [*types, ""]
