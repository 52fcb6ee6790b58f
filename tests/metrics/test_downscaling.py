"""G_down follows Qu et al. (2021), eqs. 16-19."""

from __future__ import annotations

import numpy as np
import pytest

from local_core.metrics import downscaling_gain, scores


def test_published_extremes():
    coarse = {"slope": 0.5, "r": 0.5, "bias": 0.1}
    perfect = {"slope": 1.0, "r": 1.0, "bias": 0.0}
    assert downscaling_gain(coarse, perfect).g_down == pytest.approx(1.0)
    assert downscaling_gain(coarse, coarse).g_down == pytest.approx(0.0)
    assert downscaling_gain(perfect, coarse).g_down == pytest.approx(-1.0)


def test_arrays_and_undefined_ratios():
    perfect = {"slope": np.ones(2), "r": np.ones(2), "bias": np.array([0.0, 0.1])}
    gain = downscaling_gain(perfect, perfect)
    assert np.isnan(gain.accuracy[0])
    assert gain.accuracy[1] == 0.0


def test_takes_what_scores_returns(rng):
    station = rng.uniform(0.1, 0.4, (3, 100))
    coarse = scores(0.5 * station + 0.2 + rng.normal(0, 0.05, station.shape), station)
    fine = scores(0.9 * station + 0.02 + rng.normal(0, 0.02, station.shape), station)
    assert (downscaling_gain(coarse, fine).g_down > 0.3).all()


def test_missing_scores_are_named():
    with pytest.raises(KeyError, match="slope"):
        downscaling_gain({"r": 1.0, "bias": 0.0}, {"r": 1.0, "bias": 0.0, "slope": 1.0})
