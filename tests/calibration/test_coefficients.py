"""Coefficients, their file, and Table 3 of Li et al. (2025)."""

from __future__ import annotations

import json
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_core.calibration import (
    TABLE_3,
    CoefficientFileError,
    LinearRetrieval,
    RetrievalCoefficients,
    published_coefficients,
)


def test_published_equations_8_and_9():
    delta, ndvi, ndmi = 4.0, 0.5, 0.1
    ascending = published_coefficients("ascending").predict([delta, ndvi, ndmi])
    descending = published_coefficients("descending").predict([delta, ndvi, ndmi])
    assert ascending == pytest.approx(0.0143 * 4 + 0.186 * 0.5 + 0.164 * 0.1 + 0.052)
    assert descending == pytest.approx(0.0154 * 4 + 0.2 * 0.5 + 0.11 * 0.1 + 0.04)


def test_mean_row_and_sample_counts():
    assert published_coefficients("ascending", row="mean").d == 0.054
    assert (TABLE_3["ascending"].n_samples, TABLE_3["descending"].n_samples) == (2105, 1287)
    # The mean and the optimum of the paper lie within a few STD of each other.
    for table in TABLE_3.values():
        distance = np.abs(np.subtract(table.mean, table.optimum)) / table.std
        assert np.delete(distance, 1).max() < 3


def test_misprinted_std_is_mended_unless_asked_for():
    mended = published_coefficients("descending", standard_error=False)
    printed = published_coefficients("descending", standard_error=False, as_printed=True)
    assert mended.std[1] == pytest.approx(0.007)
    assert printed.std[1] == pytest.approx(0.0007)
    np.testing.assert_allclose(np.delete(mended.std, 1), np.delete(printed.std, 1))


def test_std_over_splits_becomes_a_standard_error():
    np.testing.assert_allclose(
        published_coefficients("ascending").std,
        2 * published_coefficients("ascending", standard_error=False).std,
    )


def test_unknown_orbit_or_row():
    with pytest.raises(ValueError, match="'ascending' or 'descending'"):
        published_coefficients("A")
    with pytest.raises(ValueError, match="'optimum' or 'mean'"):
        published_coefficients("ascending", row="best")


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_file_round_trip_is_exact(suffix, samples, tmp_path):
    fit = LinearRetrieval().fit(samples.x, samples.y, groups=samples.station)
    written = fit.to_coefficients(
        orbit="descending",
        source='stations of "Maqu"\nand Nagqu, 5 % clay',
        details={"held out": {"rmse": 0.07, "by": "station"}, "share": [0.8, 0.2]},
    )
    path = written.write(tmp_path / f"coefficients{suffix}")
    read = RetrievalCoefficients.read(path)
    np.testing.assert_array_equal(read.values, written.values)
    np.testing.assert_array_equal(read.covariance, written.covariance)
    assert read.residual_std == written.residual_std
    assert (read.orbit, read.source, read.details) == (
        written.orbit,
        written.source,
        written.details,
    )
    assert read.n_samples == 800
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@given(st.text(max_size=40), st.lists(st.floats(-10, 10), min_size=4, max_size=4))
def test_any_text_and_number_survive_toml(text, values):
    from local_core.calibration.coefficients import _toml

    coefficients = RetrievalCoefficients(
        values=values, covariance=np.eye(4), residual_std=0.1, source=text, details={text: text}
    )
    read = RetrievalCoefficients.from_dict(tomllib.loads(_toml(coefficients.to_dict())))
    assert read.source == text
    assert read.details == {text: text}
    np.testing.assert_array_equal(read.values, values)


def test_prediction_error_is_that_of_the_plane_plus_the_residual():
    c = RetrievalCoefficients(
        values=[1.0, 0.0],
        covariance=[[0.04, 0.0], [0.0, 0.01]],
        residual_std=0.3,
        predictors=("x",),
    )
    assert c.prediction_std([[2.0]], residual=False)[0] == pytest.approx(np.sqrt(0.16 + 0.01))
    assert c.prediction_std([[2.0]])[0] == pytest.approx(np.sqrt(0.16 + 0.01 + 0.09))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": [1.0, 2.0, 3.0]}, "need 4 values"),
        ({"covariance": np.eye(3)}, "4 x 4"),
        ({"covariance": np.eye(4) + np.eye(4, k=1)}, "symmetric"),
        ({"covariance": -np.eye(4)}, "negative variance"),
        ({"values": [1.0, 2.0, np.nan, 4.0]}, "finite"),
        ({"residual_std": -1.0}, "residual_std"),
    ],
)
def test_impossible_coefficients_are_refused(change, message):
    content = {"values": [1.0, 2, 3, 4], "covariance": np.eye(4), "residual_std": 0.1, **change}
    with pytest.raises(ValueError, match=message):
        RetrievalCoefficients(**content)


def test_letters_belong_to_equation_7_only():
    other = RetrievalCoefficients(
        values=[1.0, 0.0], covariance=np.eye(2), residual_std=0.1, predictors=("vv_db",)
    )
    with pytest.raises(ValueError, match=r"use \.values"):
        _ = other.a


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "x = ", "cannot be read"),
        ("a.json", "{", "cannot be read"),
        ("a.toml", "x = 1", "gee-sm calibrate"),
        ("a.json", json.dumps({"format": "gee-sm retrieval coefficients", "version": 9}), "refit"),
        (
            "a.json",
            json.dumps({"format": "gee-sm retrieval coefficients", "version": 1}),
            "missing predictors",
        ),
    ],
)
def test_unusable_files_are_named(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(CoefficientFileError, match=message) as error:
        RetrievalCoefficients.read(path)
    assert str(path) in str(error.value)


def test_absent_file_and_unknown_suffix(tmp_path):
    with pytest.raises(CoefficientFileError, match="cannot be read"):
        RetrievalCoefficients.read(tmp_path / "none.toml")
    with pytest.raises(ValueError, match=r"\.toml or \.json"):
        published_coefficients("ascending").write(tmp_path / "a.txt")
