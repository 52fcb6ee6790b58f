"""A grid is corrected by vegetation type, the same for any chunks."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.bias_correction import (
    METHODS,
    HarmonicBiasCorrector,
    fit_vegetation_types,
    make_corrector,
    regional_correction,
)
from local_core.stations import freeze_thaw
from local_core.synthetic.stations import synthetic_stations


@pytest.fixture(scope="module")
def region():
    """A 5 x 6 grid of three types and some other land, with the fits' stations."""
    network = synthetic_stations(seed=21, n_years=4, stations_per_type=2)
    rng = np.random.default_rng(0)
    kinds = np.array([*sorted(set(network.stations["vegetation_type"].values)), "bare land"])
    code = rng.integers(0, 4, (5, 6))
    place = rng.integers(0, 6, (5, 6))
    sites = xr.DataArray(place, dims=("latitude", "longitude"))
    drop = ["station", "vegetation_type", "growing_season_evi", "network"]

    def on_grid(name):
        picked = network.reanalysis[name].drop_vars(["latitude", "longitude"]).isel(station=sites)
        return picked.drop_vars(drop).transpose("layer", "time", "latitude", "longitude")

    names = xr.DataArray(kinds[code], dims=("latitude", "longitude"))
    return network, on_grid("soil_moisture"), on_grid("soil_temperature"), names, code, kinds


def fit(network, corrector, **options):
    return fit_vegetation_types(
        corrector,
        network.reanalysis["soil_moisture"],
        network.truth["layer_soil_moisture"],
        vegetation_type=network.stations["vegetation_type"],
        frozen_model=freeze_thaw(network.reanalysis["soil_temperature"]),
        **options,
    )


@pytest.mark.parametrize("method", list(METHODS))
def test_each_pixel_gets_the_prediction_of_its_type(region, method):
    network, grid, _, names, code, kinds = region
    fitted = fit(network, make_corrector(method))
    corrected = regional_correction(fitted, grid, names)
    assert corrected.dims == grid.dims
    for row, column in ((0, 0), (2, 3), (4, 5)):
        pixel = {"latitude": row, "longitude": column}
        kind = kinds[code[row, column]]
        if kind == "bare land":
            assert corrected.isel(pixel).isnull().all()
            continue
        sites = (network.stations["vegetation_type"] == kind).values
        alone = make_corrector(method).fit(
            network.reanalysis["soil_moisture"].isel(station=sites),
            network.truth["layer_soil_moisture"].isel(station=sites),
            pool="station",
        )
        expected = alone.predict(grid.isel(pixel))
        np.testing.assert_allclose(corrected.isel(pixel), expected, atol=1e-12)


@settings(max_examples=12, deadline=None)
@given(
    layer=st.integers(1, 4),
    time=st.sampled_from([1461, 400, 97]),
    latitude=st.integers(1, 5),
    longitude=st.integers(1, 6),
    terms=st.booleans(),
)
def test_chunks_do_not_matter(region, layer, time, latitude, longitude, terms):
    network, grid, temperature, names, _, _ = region
    corrector = HarmonicBiasCorrector(frozen_term=terms, anomaly_term=terms)
    fitted = fit(network, corrector)
    frozen = freeze_thaw(temperature) if terms else None
    whole = regional_correction(fitted, grid, names, frozen=frozen)
    chunks = {"layer": layer, "time": time, "latitude": latitude, "longitude": longitude}
    lazy = regional_correction(fitted, grid.chunk(chunks), names, frozen=frozen)
    assert lazy.chunks is not None
    np.testing.assert_allclose(lazy.compute(), whole, atol=1e-12)


def test_numbers_are_explained_by_flags_or_classes(region):
    network, grid, _, names, code, kinds = region
    fitted = fit(network, HarmonicBiasCorrector())
    expected = regional_correction(fitted, grid, names)
    numbers = xr.DataArray(code + 10, dims=("latitude", "longitude"))
    flagged = numbers.assign_attrs(
        flag_values=np.arange(10, 14), flag_meanings=" ".join(k.replace(" ", "_") for k in kinds)
    )
    np.testing.assert_array_equal(regional_correction(fitted, grid, flagged), expected)
    classes = {10 + index: kind for index, kind in enumerate(kinds)}
    np.testing.assert_array_equal(
        regional_correction(fitted, grid, numbers, classes=classes), expected
    )
    with pytest.raises(ValueError, match="say which number is which type"):
        regional_correction(fitted, grid, numbers)
    with pytest.raises(ValueError, match="have no fitted type"):
        regional_correction(fitted, grid, numbers, classes={1: "rice"})


def test_order_of_dimensions_and_type_of_numbers_are_kept(region):
    network, grid, _, names, _, _ = region
    fitted = fit(network, HarmonicBiasCorrector())
    expected = regional_correction(fitted, grid, names)
    turned = grid.transpose("latitude", "time", "longitude", "layer").astype("float32")
    corrected = regional_correction(fitted, turned, names)
    assert corrected.dims == turned.dims
    assert corrected.dtype == np.float32
    np.testing.assert_allclose(
        corrected.transpose(*expected.dims), expected, atol=1e-6, equal_nan=True
    )


def test_a_missing_type_or_layer_and_other_grids_are_refused(region):
    network, grid, _, names, _, _ = region
    fitted = fit(network, HarmonicBiasCorrector())
    with pytest.raises(ValueError, match="the grid has layers 0-10"):
        regional_correction(fitted, grid.isel(layer=[0]).assign_coords(layer=["0-10"]), names)
    with pytest.raises(ValueError, match="vegetation map has dimensions"):
        regional_correction(fitted, grid, names.rename(latitude="y"))
    with pytest.raises(ValueError, match="expected layer, time and two of space"):
        regional_correction(fitted, grid.isel(latitude=0), names)
    with pytest.raises(ValueError, match="pass frozen="):
        regional_correction(fit(network, HarmonicBiasCorrector(frozen_term=True)), grid, names)
    with pytest.raises(ValueError, match="no station has a vegetation type"):
        fit_vegetation_types(
            HarmonicBiasCorrector(),
            network.reanalysis["soil_moisture"],
            network.truth["layer_soil_moisture"],
            vegetation_type=[""] * 6,
        )


def test_a_type_can_rest_on_some_of_its_sites(region):
    network, *_ = region
    everything = fit(network, HarmonicBiasCorrector())
    less = fit(network, HarmonicBiasCorrector(), leave_out=["SYN/AM2"])
    same = {"vegetation_type": "alpine steppe"}
    np.testing.assert_array_equal(everything.parameters_.sel(same), less.parameters_.sel(same))
    assert not np.allclose(
        everything.parameters_.sel(vegetation_type="alpine meadow", parameter="offset"),
        less.parameters_.sel(vegetation_type="alpine meadow", parameter="offset"),
    )
