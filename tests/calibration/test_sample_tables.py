"""Tables: derived columns, filters, and messages that name what is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from local_core.calibration import (
    PRESETS,
    BackscatterReference,
    SampleColumns,
    SampleTableError,
    backscatter_difference,
    derive_samples,
    read_sample_table,
)
from local_core.calibration.backscatter_difference import angle_slope, normalised_to_angle


def test_winter_reference_is_the_mean_of_its_months_by_place():
    time = pd.to_datetime(["2020-01-05", "2020-02-05", "2021-01-05", "2020-07-01"] * 2)
    place = ["a"] * 4 + ["b"] * 4
    sigma0 = [-14.0, -15.0, -16.0, -10.0, -18.0, -18.0, np.nan, -12.0]
    reference = BackscatterReference(min_n=2)
    difference = backscatter_difference(sigma0, place, time, reference=reference)
    np.testing.assert_allclose(difference[[3, 7]], [5.0, 6.0])
    assert np.isnan(difference[6])
    strict = backscatter_difference(sigma0, place, time, reference=BackscatterReference(min_n=3))
    assert np.isnan(strict[7])
    assert strict[3] == pytest.approx(5.0)


def test_driest_reference_is_a_quantile(rng):
    sigma0 = rng.normal(-12, 2, 400)
    place = np.repeat(["a", "b"], 200)
    time = np.datetime64("2020-01-01") + np.arange(400)
    reference = BackscatterReference(kind="driest", share=0.1)
    difference = backscatter_difference(sigma0, place, time, reference=reference)
    for name in "ab":
        inside = place == name
        expected = sigma0[inside] - np.quantile(sigma0[inside], 0.1)
        np.testing.assert_allclose(difference[inside], expected)


def test_angle_slope_ignores_differences_between_places(rng):
    place = rng.integers(0, 30, 3000)
    # Rough places happen to be seen at steep angles: between places the slope has the wrong sign.
    typical = 34 + 8 * place / 30
    angle = typical + rng.choice([-2.0, 2.0], 3000)
    sigma0 = -14 + 0.5 * (typical - 38) - 0.13 * (angle - typical) + rng.normal(0, 0.5, 3000)
    assert np.polyfit(angle, sigma0, 1)[0] > 0
    assert angle_slope(sigma0, angle, place) == pytest.approx(0.13, abs=0.02)
    with pytest.raises(ValueError, match="give the slope as a number"):
        angle_slope(sigma0, typical, place)


def test_normalisation_is_equations_1_and_2():
    np.testing.assert_allclose(normalised_to_angle([-10.0, -10.0], [43.0, 38.0], 0.16), [-9.2, -10])


def test_derived_columns_and_notes():
    table = pd.DataFrame(
        {
            "sm": [20.0, 30.0, 0.0, 25.0, 22.0],
            "vv": [0.1, 0.01, 0.0, 0.1, 0.1],
            "when": ["2020-07-01", "2020-01-01", "2020-01-12", "2020-02-01", "2020-08-01"],
            "nir": [3000, 3000, 3000, 3000, 3000],
            "red": [1000, 1000, 1000, 1000, 1500],
        }
    )
    columns = SampleColumns(
        target="sm",
        target_unit="percent",
        station=None,
        time="when",
        sigma0="vv",
        sigma0_unit="linear",
        reference=BackscatterReference(min_n=2),
        nir="nir",
        red="red",
        where="soil_moisture > 0 and month in [7, 8]",
    )
    result = derive_samples(table, columns)
    np.testing.assert_allclose(result.frame["delta_sigma0_db"], 5.0)
    np.testing.assert_allclose(result.frame["ndvi"], [0.5, 1 / 3])
    np.testing.assert_allclose(result.frame["soil_moisture"], [0.2, 0.22])
    assert any("linear power" in note for note in result.notes)
    assert any("2 of 5 rows" in note for note in result.notes)


def test_only_complete_rows_are_used_and_gaps_are_counted():
    frame = pd.DataFrame({"soil_moisture": [0.1, np.nan, 0.3], "ndvi": [0.2, 0.3, np.inf]})
    complete = derive_samples(frame).complete(["soil_moisture", "ndvi"])
    assert len(complete.frame) == 1
    assert "soil_moisture 1, ndvi 1" in complete.notes[-1]
    with pytest.raises(SampleTableError, match="no column ndmi"):
        complete.complete(["ndmi"])
    with pytest.raises(SampleTableError, match="none of 1 rows"):
        derive_samples(frame.iloc[1:2]).complete(["soil_moisture", "ndvi"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (SampleColumns(target="sm"), "no column 'sm'"),
        (SampleColumns(target="site"), "holds no numbers, for example 'a'"),
        (SampleColumns(station="place"), "no column 'place'"),
        (SampleColumns(time="site"), "does not hold dates"),
        (SampleColumns(sigma0="vv"), "needs dates"),
        (SampleColumns(where="wet > 1"), "cannot be evaluated"),
        (SampleColumns(where="vv >"), "cannot be evaluated"),
    ],
)
def test_bad_columns_are_named(columns, message):
    table = pd.DataFrame({"soil_moisture": [0.1, 0.2], "site": ["a", "b"], "vv": [-10.0, -11.0]})
    with pytest.raises(SampleTableError, match=message):
        derive_samples(table, columns)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SampleColumns(target_unit="mm"), "target_unit"),
        (lambda: SampleColumns(sigma0_unit="amplitude"), "sigma0_unit"),
        (lambda: BackscatterReference(kind="summer"), "'winter' or 'driest'"),
        (lambda: BackscatterReference(months=(13,)), "1 to 12"),
        (lambda: BackscatterReference(share=0.7), "below 0.5"),
    ],
)
def test_bad_options_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_files_that_do_not_belong_together(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("vv\n-10\n-11\n")
    second.write_text("sm\n0.1\n")
    with pytest.raises(SampleTableError, match=r"1 rows, .* has 2:"):
        read_sample_table(first, SampleColumns(target="sm"), truth=second)
    with pytest.raises(SampleTableError, match=r"none\.csv: cannot be read"):
        read_sample_table(tmp_path / "none.csv")
    first.write_bytes(b"\x00\xff\xfe")
    with pytest.raises(SampleTableError, match=r"a\.csv"):
        read_sample_table(first)


@pytest.mark.realdata
def test_earth_engine_export_of_gauge_points(shared_data):
    folder = (
        shared_data / "mitchellthomas1__SoilMoistureDownscalingEAEE4000" / "DataDownload/InSitu"
    )
    columns = PRESETS["gauge-points"]
    samples = read_sample_table(
        folder / "InSituGEEOutputs/SMGaugePoints2.csv",
        replace(columns, where=None),
        truth=folder / "SoilMoistureDataFrameGreaterThan80.csv",
    )
    # Facts of the file as described in SOURCES.md.
    assert len(samples.frame) == 12_426
    assert samples.frame["station"].nunique() == 114
    assert samples.frame["soil_moisture"].notna().sum() == 11_636
    assert samples.frame["sigma0_db"].notna().sum() <= 9_855
    assert samples.frame["VV"].corr(samples.frame["soil_moisture"]) == pytest.approx(
        0.246, abs=2e-3
    )
    assert samples.frame["ndvi"].dropna().between(-1, 1).all()


@pytest.mark.realdata
def test_risma_overpasses(shared_data):
    path = shared_data / "abalmumcu__sen1-sen2-soil-moisture/RISMA/Sentinel-1-Prep.csv"
    samples = read_sample_table(path, replace(PRESETS["risma-overpasses"], where=None))
    assert len(samples.frame) == 208
    assert samples.frame["time"].min() == pd.Timestamp("2016-05-13")
    assert samples.frame["time"].max() == pd.Timestamp("2021-09-26")
    assert samples.frame["sigma0_db"].between(-25, 0).all()
    assert samples.frame["soil_moisture"].max() < 0.6
