"""DataArrays in, Datasets out: dimensions, coordinates, attributes, laziness."""

from __future__ import annotations

import dask
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from local_core.vmd import ModePeriodWarning, VmdStatus, annual_mode_found, decompose


@pytest.fixture
def cube(differences) -> xr.DataArray:
    values = differences(6, 1462, seed=40).reshape(2, 3, 1462)
    return xr.DataArray(
        values,
        dims=("y", "x", "time"),
        coords={
            "time": pd.date_range("2010-01-01", periods=1462),
            "y": [34.0, 34.1],
            "x": [92.0, 92.1, 92.2],
        },
        name="difference",
        attrs={"units": "m3 m-3", "long_name": "in situ minus ERA5-Land soil moisture"},
    )


def test_values_are_those_of_the_array(cube):
    dataset, result = decompose(cube), decompose(cube.values)
    for name in ("modes", "center_periods", "converged", "n_iter", "residual", "status"):
        np.testing.assert_array_equal(dataset[name].values, getattr(result, name))
    np.testing.assert_array_equal(dataset["annual_mode_found"], result.annual_mode_found)


def test_dimensions_and_coordinates_are_kept(cube):
    dataset = decompose(cube.transpose("time", "y", "x"))
    assert dataset["modes"].dims == ("y", "x", "mode", "time")
    assert dataset["residual"].dims == ("y", "x", "time")
    assert dataset["center_periods"].dims == ("y", "x", "mode")
    assert dataset["status"].dims == ("y", "x")
    assert dataset["mode"].values.tolist() == [1, 2, 3, 4, 5]
    for name in ("time", "y", "x"):
        xr.testing.assert_identical(dataset[name], cube[name])


def test_attributes_say_what_and_how(cube):
    dataset = decompose(cube)
    assert dataset["modes"].attrs["units"] == "m3 m-3"
    assert dataset["center_periods"].attrs["units"] == "days"
    assert dataset["status"].attrs["flag_values"].tolist() == [int(code) for code in VmdStatus]
    assert len(dataset["status"].attrs["flag_meanings"].split()) == len(VmdStatus)
    assert dataset.attrs["vmd_alpha"] == pytest.approx(365.25**2)
    assert dataset.attrs["vmd_start_periods_days"][:2] == [np.inf, 365.25]


def test_a_dataset_can_be_written_and_read(cube, tmp_path):
    dataset = decompose(cube)
    dataset.to_netcdf(tmp_path / "modes.nc", engine="scipy")
    with xr.open_dataset(tmp_path / "modes.nc", engine="scipy") as read:
        xr.testing.assert_equal(read.load(), dataset)


def test_chunks_are_computed_only_when_asked(cube):
    def never(_block):
        raise AssertionError("computed")

    lazy = xr.apply_ufunc(never, cube.chunk({"x": 1}), dask="parallelized", output_dtypes=[float])
    dataset = decompose(lazy)
    assert all(dask.is_dask_collection(variable.data) for variable in dataset.data_vars.values())


def test_sampling_interval_comes_from_the_time_coordinate(cube):
    weekly = cube.isel(time=slice(None, None, 7)).isel(time=slice(0, 208))
    by_date = decompose(weekly)
    by_hand = decompose(weekly.values, dt_days=7.0)
    np.testing.assert_array_equal(by_date["center_periods"], by_hand.center_periods)
    assert by_date["annual_mode_found"].mean() > 0.5
    assert by_date.attrs["vmd_alpha"] == pytest.approx((365.25 / 7) ** 2)


def test_without_dates_a_step_is_a_day(cube):
    undated = cube.drop_vars("time")
    np.testing.assert_array_equal(decompose(undated)["modes"], decompose(cube)["modes"])


def test_warning_is_for_eager_results_and_the_flag_for_all(cube):
    noise = cube.copy(data=np.random.default_rng(0).standard_normal(cube.shape))
    with pytest.warns(ModePeriodWarning, match="IMF4 is not annual in"):
        eager = decompose(noise)
    lazy = decompose(noise.chunk({"y": 1})).compute()
    xr.testing.assert_identical(lazy["annual_mode_found"], eager["annual_mode_found"])
    np.testing.assert_array_equal(
        annual_mode_found(eager["center_periods"].values), eager["annual_mode_found"]
    )
