"""A whole calibration, its files, and the command."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from gee_sm.cli.calibrate import command, sample_columns
from local_core.calibration import (
    PRESETS,
    RetrievalCoefficients,
    SampleColumns,
    SampleTableError,
    calibrate,
    calibration_report,
    derive_samples,
    write_calibration,
)
from local_core.calibration.figures import write_calibration_figure


@pytest.fixture
def table(samples) -> pd.DataFrame:
    frame = pd.DataFrame(samples.x, columns=["delta_sigma0_db", "ndvi", "ndmi"])
    frame["soil_moisture"] = samples.y
    frame["station"] = [f"S{code:02d}" for code in samples.station]
    frame["time"] = pd.Timestamp("2019-07-01") + pd.to_timedelta(
        np.arange(len(frame)) % 700, unit="D"
    )
    return frame


def test_coefficients_come_with_the_error_at_a_new_place(table, truth):
    result = calibrate(derive_samples(table), n_splits=300)
    error = np.abs(result.coefficients.values - truth)
    assert (error < 4 * result.coefficients.std).all()
    scores = result.held_out.scores()
    assert result.coefficients.residual_std == scores["rmse"] > result.fit.residual_std_
    assert result.coefficients.details["held_out"]["n_groups"] == 40
    assert scores["rmse"] < result.baseline_rmse


def test_baseline_predicts_the_mean_of_the_other_stations(table):
    result = calibrate(derive_samples(table), n_splits=10)
    expected = [
        (table.loc[table.station != row.station, "soil_moisture"].mean() - row.soil_moisture) ** 2
        for row in table.itertuples()
    ]
    assert result.baseline_rmse == pytest.approx(np.sqrt(np.mean(expected)))


def test_without_groups_the_fits_own_residual_is_used(table):
    result = calibrate(derive_samples(table), group=None, n_splits=50)
    assert result.coefficients.residual_std == result.fit.residual_std_
    assert result.held_out is None
    assert "not seen" not in calibration_report(result)


def test_station_years_are_finer_groups(table):
    result = calibrate(derive_samples(table), group="station-year", n_splits=50)
    assert len(result.held_out.group_labels) > 70
    with pytest.raises(SampleTableError, match="needs the column region"):
        calibrate(derive_samples(table), group="region", n_splits=50)


def test_report_puts_new_places_first_and_warns_of_the_optimum(table):
    text = calibration_report(calibrate(derive_samples(table), n_splits=300, source="test"))
    assert text.index("has not seen") < text.index("## Coefficients") < text.index("Table 3")
    assert "luckiest division" in text
    assert "800 of 800 rows are complete" in text


def test_files(table, tmp_path):
    result = calibrate(derive_samples(table), n_splits=100)
    written = write_calibration(result, tmp_path / "new" / "folder")
    assert sorted(p.name for p in (tmp_path / "new/folder").iterdir()) == sorted(
        p.name for p in written
    )
    read = RetrievalCoefficients.read(tmp_path / "new/folder/coefficients.toml")
    np.testing.assert_array_equal(read.values, result.coefficients.values)
    splits = pd.read_csv(tmp_path / "new/folder/splits.csv", index_col=[0, 1])
    assert splits.loc[("samples", "Mean"), "a"] == pytest.approx(result.random_splits.mean[0])
    held_out = pd.read_csv(tmp_path / "new/folder/held_out.csv")
    assert held_out["n"].sum() == 800


def test_figure_is_a_png(table, tmp_path):
    result = calibrate(derive_samples(table), n_splits=100)
    path = write_calibration_figure(result, tmp_path / "c.png")
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_command_writes_what_a_map_can_read(table, tmp_path):
    path = tmp_path / "samples.csv"
    table.rename(columns={"soil_moisture": "sm", "station": "gauge"}).to_csv(path, index=False)
    out = tmp_path / "out"
    options = ["--target", "sm", "--station", "gauge", "--splits", "200", "--orbit", "descending"]
    result = CliRunner().invoke(command, [str(path), "--out", str(out), *options, "--report"])
    assert result.exit_code == 0, result.output
    assert "at a station left out" in result.output
    assert "# Calibration of" in result.output
    read = RetrievalCoefficients.read(out / "coefficients.toml")
    assert read.orbit == "descending"
    assert read.source == "samples.csv"
    assert {p.name for p in out.iterdir()} == {
        "coefficients.toml",
        "coefficients.json",
        "splits.csv",
        "held_out.csv",
        "report.md",
        "calibration.png",
    }


def test_command_is_reproducible(table, tmp_path):
    path = tmp_path / "samples.csv"
    table.to_csv(path, index=False)
    texts = []
    for name in "ab":
        options = ["--out", str(tmp_path / name), "--splits", "100", "--seed", "5"]
        assert CliRunner().invoke(command, [str(path), *options]).exit_code == 0
        texts.append((tmp_path / name / "coefficients.toml").read_text())
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "wetness"], "no column 'wetness'"),
        (["--predictors", "ndvi,vh"], "no column vh"),
        (["--group", "network"], "needs the column network"),
        (["--where", "ndvi > 9"], "none of 800 rows fulfils"),
        (["--predictors", "ndvi,ndvi"], "different columns"),
        (["--sigma0", "vv"], "no column 'vv'"),
        (["--angle", "ndvi"], "name its column"),
        (["--station", "none"], "makes groups: 1"),
        (["--winter-months", "jan"], "1 to 12"),
        (["--training-share", "0.999999"], "leaves some"),
    ],
)
def test_command_explains_bad_input_and_leaves_nothing(options, message, table, tmp_path):
    path = tmp_path / "samples.csv"
    table.to_csv(path, index=False)
    result = CliRunner().invoke(command, [str(path), "--out", str(tmp_path / "out"), *options])
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_options_override_a_preset():
    columns = sample_columns(
        PRESETS["gauge-points"],
        {
            "reference": "winter",
            "winter_months": "12,1",
            "where": "none",
            "nir": "B8A",
            "red": None,
        },
    )
    assert columns.reference.kind == "winter"
    assert columns.reference.months == (12, 1)
    assert columns.where is None
    assert (columns.nir, columns.red, columns.target) == ("B8A", "B4", "InSituSM")
    assert sample_columns(SampleColumns(), {"station": "none"}).station is None


@pytest.mark.realdata
def test_command_on_the_gauge_points(shared_data, tmp_path):
    folder = (
        shared_data / "mitchellthomas1__SoilMoistureDownscalingEAEE4000" / "DataDownload/InSitu"
    )
    truth = folder / "SoilMoistureDataFrameGreaterThan80.csv"
    table = folder / "InSituGEEOutputs/SMGaugePoints2.csv"
    options = ["--truth", str(truth), "--preset", "gauge-points", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(command, [str(table), *options])
    assert result.exit_code == 0, result.output
    read = RetrievalCoefficients.read(tmp_path / "out/coefficients.json")
    # Backscatter and greenness both speak for moisture; leaving stations out costs accuracy.
    assert 0.005 < read.a < 0.02
    assert 0.1 < read.b < 0.3
    details = read.details
    assert details["held_out"]["rmse"] > details["fit"]["residual_std"]
    assert details["held_out"]["rmse"] < details["held_out"]["baseline_rmse"]
    assert details["random_splits"]["r2_correlation"] < -0.99
