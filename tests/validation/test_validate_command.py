"""``gee-sm validate`` from files to report."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from gee_sm.cli.validate import command


def run(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def test_table_against_station_file(estimate_file, station_file, tmp_path):
    out = tmp_path / "out"
    by = "station,network,season,land_cover,frozen"
    result = run(estimate_file, station_file, "--out", out, "--by", by, "--anomalies", "both")
    assert result.exit_code == 0, result.output
    network = pd.read_csv(out / "scores_network.csv").set_index("network")
    assert network.loc["Naqu", "bias"] == pytest.approx(0.05, abs=0.003)
    anomalies = pd.read_csv(out / "scores_network_moving_window.csv").set_index("network")
    assert abs(anomalies.loc["Naqu", "bias"]) < 0.003
    assert (out / "scores_frozen_climatology.tex").exists()
    report = (out / "report.md").read_text()
    assert "positive means too wet" in report
    assert report.index("## Values") < report.index("## Anomalies from a 35-day")
    pictures = {"scatter.png", "distributions.png", "taylor.png", "time_series.png"}
    assert pictures <= {p.name for p in out.iterdir()}
    for name in pictures:
        assert f"]({name})" in report
    pairs = pd.read_csv(out / "pairs_estimate.csv")
    assert len(pairs) == pd.read_csv(out / "scores_all.csv")["n"].iloc[0]


def test_several_products_and_a_grid(estimate_file, grid_file, station_file, tmp_path):
    out = tmp_path / "out"
    result = run(
        f"retrieval={estimate_file}",
        f"reanalysis={grid_file}:swvl1",
        station_file,
        "--out",
        out,
        "--no-figures",
        "--formats",
        "csv",
        "--report",
    )
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out / "scores_station.csv")
    assert set(table["product"]) == {"retrieval", "reanalysis"}
    assert table.groupby("station")["n"].nunique().eq(1).all()
    # The grid's pixels are constant in time: said in words, not as an exception.
    assert "estimate does not vary" in result.output
    assert not list(out.glob("*.png"))
    assert not list(out.glob("*.tex"))


def test_rain_is_drawn(estimate_file, station_file, tmp_path, days):
    rain = tmp_path / "rain.csv"
    pd.DataFrame({"time": days, "mm": 1.0}).to_csv(rain, index=False)
    result = run(estimate_file, station_file, "--out", tmp_path / "out", "--rain", rain)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--by", "orbit"], "cannot be grouped by orbit"),
        (["--variable", "wetness"], "no column 'wetness'"),
        (["--depth", "3"], "no depth 3 m"),
        (["--formats", "xlsx"], "csv, md or tex"),
        (["--window", "soon"], "such as '30min'"),
        (["--window", "12"], "such as '30min'"),
        (["--reference-where", "depth < 10"], "keeps rows of a table"),
        (["--reference-variable", "theta"], "no variable 'theta'"),
    ],
)
def test_bad_input_is_explained(extra, message, estimate_file, station_file, tmp_path):
    result = run(estimate_file, station_file, "--out", tmp_path / "out", *extra)
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_missing_files_grids_as_reference_and_double_names(
    estimate_file, grid_file, station_file, tmp_path
):
    out = tmp_path / "out"
    absent = run(tmp_path / "none.csv", station_file, "--out", out)
    assert "none.csv: cannot be read" in absent.output
    grid = run(estimate_file, grid_file, "--out", out)
    assert "stations are needed here" in grid.output
    double = run(estimate_file, estimate_file, station_file, "--out", out)
    assert "write NAME=FILE" in double.output
    assert {absent.exit_code, grid.exit_code, double.exit_code} == {1}
    assert not out.exists()


@pytest.mark.realdata
def test_ascat_against_ismn(shared_data, tmp_path):
    folder = shared_data / "TUW-GEO__pytesmo/tests/test_validation_framework"
    result = run(
        f"ASCAT={folder / 'ASCAT.csv'}:sm",
        folder / "ISMN.csv",
        "--reference-variable",
        "soil_moisture",
        "--reference-where",
        "soil_moisture_flag == 'G'",
        "--window",
        "1h",
        "--rescale",
        "mean_std",
        "--out",
        tmp_path / "out",
    )
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "out/scores_all.csv")
    # ASCAT has no month free of snow flags here; the station is wet in winter and events are few.
    assert table["r"].iloc[0] == pytest.approx(0.309, abs=5e-4)
    assert table["n"].iloc[0] == 582
    assert table["bias"].iloc[0] == pytest.approx(0.0, abs=1e-12)
