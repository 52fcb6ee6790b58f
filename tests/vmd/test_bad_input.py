"""Errors say what was given, what was expected, and what to do."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import xarray as xr

from local_core.vmd import decompose

SERIES = np.sin(np.arange(200) / 7)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_modes": 0}, "n_modes=0"),
        ({"n_modes": 2.5}, "n_modes=2.5"),
        ({"alpha": -1.0}, "alpha=-1.0 must be a positive number"),
        ({"alpha": np.nan}, "alpha=nan"),
        ({"tau": -0.1}, "tau=-0.1"),
        ({"tol": 0.0}, "tol=0.0"),
        ({"dt_days": 0.0}, "dt_days=0.0"),
        ({"max_iter": 1}, "max_iter=1"),
        ({"min_valid_fraction": 0.0}, "min_valid_fraction=0.0"),
        ({"gaps": "zero"}, "gaps='zero'.*interpolate"),
        ({"backend": "cuda"}, "backend='cuda'.*numpy"),
        ({"dtype": np.int32}, "float64 or float32"),
        ({"n_threads": 0}, "n_threads=0"),
        ({"init": "random"}, "init='random'.*uniform"),
        ({"init": [10.0, 20.0]}, r"shape \(2,\).*n_modes=5"),
        ({"init": [10.0, 20.0, 30.0, 1.5, np.inf]}, "shorter than two samples"),
        ({"backend": "vmdpy"}, "compat=True"),
        ({"backend": "vmdpy", "compat": True, "init": "annual"}, "init='zero'"),
        (
            {"backend": "vmdpy", "compat": True, "init": "zero", "max_iter": 900},
            "max_iter=900 cannot be had",
        ),
    ],
)
def test_arguments_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        decompose(SERIES, **options)


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (1.0, "single number"),
        (SERIES[:0], "0 samples"),
        (SERIES[:6], "6 samples"),
        (SERIES[:9], "n_modes=5 need at least 10"),
        (np.where(np.arange(200) == 3, np.inf, SERIES), "1 infinite"),
        (SERIES.astype(complex), "dtype complex128"),
        (np.array(["a"] * 200), "expected real numbers"),
    ],
)
def test_series_that_are_none(series, message):
    with pytest.raises(ValueError, match=message):
        decompose(series)


def test_odd_length_is_refused_where_vmdpy_would_cut_it():
    with pytest.raises(ValueError, match=r"odd length \(199\)"):
        decompose(SERIES[:199], compat=True, init="zero")


@pytest.mark.parametrize(("backend", "extra"), [("numba", "fast"), ("vmdpy", "vmdpy")])
def test_a_backend_that_is_not_installed(monkeypatch, backend, extra):
    monkeypatch.setitem(sys.modules, backend, None)
    with pytest.raises(ImportError, match=rf"gee-sm\[{extra}\]"):
        decompose(SERIES, backend=backend, compat=True, init="zero")


def test_data_array_without_time():
    with pytest.raises(ValueError, match="one of them must be 'time'"):
        decompose(xr.DataArray(SERIES, dims=("day",)))


def test_data_array_with_unequal_steps():
    dates = np.datetime64("2010-01-01", "ns") + np.arange(200) * np.timedelta64(1, "D")
    dates[100:] += np.timedelta64(1, "D")
    series = xr.DataArray(SERIES, dims=("time",), coords={"time": dates})
    with pytest.raises(ValueError, match=r"not equally spaced.*resample"):
        decompose(series)


def test_no_series_at_all_is_no_error():
    result = decompose(np.empty((0, 3, 200)))
    assert result.modes.shape == (0, 3, 5, 200)
    assert result.status.shape == (0, 3)


def test_integers_are_taken():
    whole = decompose((10 * SERIES).astype(int), init="zero", n_modes=2)
    real = decompose((10 * SERIES).astype(int).astype(float), init="zero", n_modes=2)
    np.testing.assert_array_equal(whole.modes, real.modes)
