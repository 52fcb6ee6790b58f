"""The synthetic network is reproducible and what it claims to be."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from local_core.synthetic.stations import (
    TIME_ORIGIN,
    VEGETATION,
    evaluate_difference,
    synthetic_stations,
)


@pytest.fixture(scope="module")
def network():
    return synthetic_stations(seed=4, n_years=6, stations_per_type=2)


def test_a_seed_is_a_network(network):
    again = synthetic_stations(seed=4, n_years=6, stations_per_type=2)
    for part in ("stations", "reanalysis", "truth"):
        xr.testing.assert_identical(getattr(network, part), getattr(again, part))
    other = synthetic_stations(seed=5, n_years=6, stations_per_type=2)
    assert not np.allclose(
        network.reanalysis["soil_moisture"], other.reanalysis["soil_moisture"], equal_nan=True
    )


def test_difference_is_the_planted_curve_plus_noise_of_the_stated_size(network):
    truth = network.truth
    difference = truth["layer_soil_moisture"] - network.reanalysis["soil_moisture"]
    curve = evaluate_difference(truth, truth["time"])
    noise = (difference - curve).std("time").mean("station")
    np.testing.assert_allclose(noise.transpose("layer"), [0.02, 0.016, 0.01, 0.006], rtol=0.25)
    quiet = synthetic_stations(seed=4, n_years=2, stations_per_type=1, noise_sd=0.0)
    exact = quiet.truth["layer_soil_moisture"] - quiet.reanalysis["soil_moisture"]
    expected = evaluate_difference(quiet.truth, quiet.truth["time"])
    np.testing.assert_allclose(exact, expected.transpose(*exact.dims), atol=1e-12)


def test_planted_parameters_are_those_of_the_type():
    exact = synthetic_stations(seed=1, n_years=1, stations_per_type=1, site_spread=0.0)
    for station, (kind, about) in zip(exact.truth["station"].values, VEGETATION.items()):
        site = exact.truth.sel(station=station)
        assert site["vegetation_type"] == kind
        for layer, (offset, amplitude, day, trend) in enumerate(about["difference"]):
            planted = site.isel(layer=layer)
            assert planted["offset"] == pytest.approx(offset)
            assert np.hypot(planted["sine"], planted["cosine"]) == pytest.approx(amplitude)
            assert planted["trend"] * 365.25 == pytest.approx(trend)
            peak = TIME_ORIGIN + np.timedelta64(round((day - 1) * 24), "h")
            time = xr.DataArray([peak], dims="time")
            season = evaluate_difference(planted, time) - planted["offset"]
            assert float(season[0]) == pytest.approx(amplitude, rel=0.02, abs=1e-3)


def test_reanalysis_is_too_wet_and_too_flat(network):
    truth, model = network.truth["layer_soil_moisture"], network.reanalysis["soil_moisture"]
    assert float((model - truth).mean()) == pytest.approx(0.25, abs=0.05)
    climatology = truth.groupby("time.month").mean()
    flat = model.groupby("time.month").mean()
    assert (flat.std("month") < 0.6 * climatology.std("month")).all()


def test_winters_are_frozen_and_their_water_is_low(network):
    frozen = network.stations["frozen"] == 1
    winter = network.stations["time"].dt.month.isin([1, 2])
    assert float(frozen.sel(depth=0.04).where(winter, drop=True).mean()) > 0.95
    moisture = network.stations["soil_moisture"].sel(depth=0.04)
    assert float(moisture.where(winter).mean()) < 0.07


def test_gaps_take_all_depths_and_their_share(network):
    missing = network.stations["soil_moisture"].isnull()
    assert (missing.any("depth") == missing.all("depth")).all()
    assert 0.05 <= float(missing.mean()) < 0.08


def test_emergent_difference_has_no_parameters_but_the_same_signs():
    network = synthetic_stations(seed=2, n_years=4, stations_per_type=1, difference="emergent")
    assert "sine" not in network.truth
    truth, model = network.truth["layer_soil_moisture"], network.reanalysis["soil_moisture"]
    assert float((model - truth).min("time").min()) > -0.2
    assert (model.mean("time") > truth.mean("time")).all()
    assert (model.groupby("time.month").mean().std("month") < 0.05).all()


def test_unknown_kind_of_difference():
    with pytest.raises(ValueError, match="'planted' or 'emergent'"):
        synthetic_stations(difference="none")
