"""``gee-sm stations`` on made-up and on real archives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

from gee_sm.cli.stations import command

ISMN_OLD = "TUW-GEO__pytesmo-test-data/ismn"
ISMN_NEW = "mitchellthomas1__SoilMoistureDownscalingEAEE4000/DataDownload/InSitu/InSituDownload1"


def run(*arguments: object):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_archive_to_layers(tmp_path, write_stm):
    rows = [
        f"2010/07/{1 + h // 24:02d} {h % 24:02d}:00 {0.2 + h / 1000:.3f} G M" for h in range(96)
    ]
    for depth in (0.05, 0.2, 0.5):
        write_stm(tmp_path / "archive", rows, depth=depth)
    out = tmp_path / "stations.nc"
    result = run(tmp_path / "archive", "--out", out, "--layers", "0-7,7-28", "--report")
    assert result.exit_code == 0, result.output
    assert "# Stations" in result.output
    with xr.open_dataset(out) as written:
        assert written["soil_moisture"].dims == ("station", "layer", "time")
        assert written.sizes["time"] == 4
    assert (tmp_path / "stations.report.md").read_text().startswith("# Stations")
    assert list(pd.read_csv(tmp_path / "stations.removals.csv").columns)[:2] == [
        "station",
        "depth_cm",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent"], "no such file"),
        (["archive", "--layers", "0..7"], "not understood"),
        (["archive", "--flags", "??"], "flag policy"),
        (["archive", "--min-share", "2"], "min_share"),
        (["archive", "--layers", "0-7", "--min-cover", "5"], "min_cover=5.0"),
        (["archive", "--layers", "0-7", "--reach-cm", "-5"], "reach_cm=-5"),
    ],
)
def test_bad_input_is_explained_and_writes_nothing(tmp_path, write_stm, arguments, message):
    write_stm(tmp_path / "archive", ["2010/07/01 00:00 0.2 G M"])
    result = run(tmp_path / arguments[0], *arguments[1:], "--out", tmp_path / "out.nc")
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out.nc").exists()


def test_an_input_is_never_overwritten(tmp_path, write_stm):
    write_stm(tmp_path / "archive", ["2010/07/01 00:00 0.2 G M"])
    assert run(tmp_path / "archive", "--out", tmp_path / "out.nc").exit_code == 0
    before = (tmp_path / "out.nc").read_bytes()
    result = run(tmp_path / "out.nc", "--out", tmp_path / "out.nc", "--layers", "0-7")
    assert result.exit_code == 1
    assert "is one of the inputs" in result.output
    assert (tmp_path / "out.nc").read_bytes() == before


@pytest.mark.realdata
def test_real_archives_old_and_new_flag_set(tmp_path, shared_data):
    out = tmp_path / "all.nc"
    result = run(
        shared_data / ISMN_OLD, shared_data / ISMN_NEW, "--out", out, "--layers", "era5-land"
    )
    assert result.exit_code == 0, result.output
    with xr.open_dataset(out) as written:
        assert written["station"].values.tolist() == [
            "ARM/Lamont-CF1",
            "MAQU/CST-01",
            "SCAN/Abrams",
            "USCRN/Lincoln-8-ENE",
            "USCRN/Stillwater-2-W",
        ]
        days = written["soil_moisture"].count("time").to_pandas()
    assert days.loc["MAQU/CST-01", "0-7"] > 300
    assert days.loc["USCRN/Stillwater-2-W", "28-100"] > 600
    assert days.loc["SCAN/Abrams", "7-28"] == 0
    removals = pd.read_csv(tmp_path / "all.removals.csv")
    flagged = removals[(removals["station"] == "MAQU/CST-01")]
    assert flagged.loc[flagged["reason"] == "quality_flag", "n"].sum() == 6520


@pytest.mark.realdata
def test_winter_at_maqu_survives_with_frost_flags_accepted(tmp_path, shared_data):
    for policy in ("good", "good+frozen"):
        result = run(shared_data / ISMN_OLD, "--out", tmp_path / f"{policy}.nc", "--flags", policy)
        assert result.exit_code == 0, result.output
    with (
        xr.open_dataset(tmp_path / "good.nc") as good,
        xr.open_dataset(tmp_path / "good+frozen.nc") as frozen,
    ):
        winter = {"station": "MAQU/CST-01", "time": slice("2008-12-01", "2009-02-15")}
        assert good["soil_moisture"].sel(winter).count() < 10
        assert frozen["soil_moisture"].sel(winter).count() > 60
        assert (frozen["frozen"].sel(winter) == 1).mean() > 0.9


@pytest.mark.realdata
def test_kansas_daily_table(tmp_path, shared_data):
    mapping = tmp_path / "uscrn.toml"
    mapping.write_text(
        'time = "LST_DATE"\ntime_format = "%Y%m%d"\nnetwork = "USCRN"\nstation = "Manhattan"\n'
        'latitude = "LATITUDE"\nlongitude = "LONGITUDE"\nmissing = [-99, -9999]\n'
        "[moisture]\nSOIL_MOISTURE_5_DAILY = 5\nSOIL_MOISTURE_10_DAILY = 10\n"
        "SOIL_MOISTURE_20_DAILY = 20\nSOIL_MOISTURE_50_DAILY = 50\n"
        "[temperature]\nSOIL_TEMP_5_DAILY = 5\n"
    )
    table = shared_data / "soilwater__pynotes-agriscience/datasets/KS_Manhattan_6_SSW.csv"
    out = tmp_path / "ks.nc"
    result = run(table, "--mapping", mapping, "--out", out)
    assert result.exit_code == 0, result.output
    raw = pd.read_csv(table)
    expected = raw["SOIL_MOISTURE_5_DAILY"].replace(-99, np.nan)
    with xr.open_dataset(out) as written:
        surface = written["soil_moisture"].sel(depth=0.05).squeeze()
        # 2841 valid days of the source file, minus what screening removed.
        removed = pd.read_csv(tmp_path / "ks.removals.csv")
        removed = removed[(removed["depth_cm"] == 5) & (removed["resolution"] == "value")][
            "n"
        ].sum()
        assert int(surface.count()) == int(expected.notna().sum()) - removed
        assert 0.1 < float(surface.mean()) < 0.45
        assert "frozen" in written
