from __future__ import annotations

import dataclasses

import ee
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.retrieval.soil_moisture import coefficients_for
from gee_sm.retrieval.standard_error import effective_looks, speckle_variance_db, standard_error

INPUTS = (3.4, 0.45, 0.1)
SPECKLE = 0.2


def _found(synthetic, coefficients, **options):
    synthetic.connect()
    images = [ee.Image.constant(value) for value in INPUTS]
    error = standard_error(*images, ee.Image.constant(SPECKLE), coefficients, **options)
    return synthetic.read(error, size=1)["standard_error"].item()


def _correlated():
    rng = np.random.default_rng(0)
    root = rng.normal(0, 0.01, (4, 4))
    return dataclasses.replace(coefficients_for("A"), covariance=root @ root.T, residual_std=0.05)


def test_equals_the_prediction_error_of_the_regression(synthetic):
    coefficients = _correlated()
    found = _found(synthetic, coefficients, parts=("coefficients", "residual"))
    assert found == pytest.approx(float(coefficients.prediction_std([INPUTS])[0]), rel=1e-12)


def test_parts_add_up_in_quadrature(synthetic):
    coefficients = _correlated()
    parts = {
        part: _found(synthetic, coefficients, parts=(part,))
        for part in ("coefficients", "residual", "speckle")
    }
    assert parts["residual"] == pytest.approx(0.05)
    assert parts["speckle"] == pytest.approx(coefficients.a * SPECKLE**0.5)
    whole = _found(synthetic, coefficients)
    assert whole == pytest.approx(np.hypot.reduce(list(parts.values())), rel=1e-12)


@pytest.mark.parametrize("parts", [(), ("noise",)])
def test_unknown_parts_are_refused(synthetic, parts):
    synthetic.connect()
    with pytest.raises(ValueError, match="coefficients, residual, speckle"):
        standard_error(*[ee.Image(1)] * 4, coefficients_for("A"), parts=parts)


def test_speckle_variance_is_that_of_simulated_scenes(synthetic):
    """Mean over 3 scenes of the dB of 26-look speckle; first order is good to a few percent."""
    synthetic.connect()
    image = speckle_variance_db(ee.Image.constant(3), 26.0)
    found = synthetic.read(image, size=1)["constant"].item()
    drawn = 10 * np.log10(np.random.default_rng(1).gamma(26, 1 / 26, (3, 200_000))).mean(axis=0)
    assert found == pytest.approx(drawn.var(), rel=0.05)


@given(scale=st.floats(1, 1000), looks=st.floats(1, 10), cell=st.floats(50, 1000))
def test_more_pixels_never_have_fewer_looks(scale, looks, cell):
    options = {"looks": looks, "cell_area_m2": cell}
    here = effective_looks(scale, **options)
    assert here >= looks
    assert effective_looks(2 * scale, **options) >= here
    assert effective_looks(scale, filter_width=0, **options) <= here


def test_looks_of_an_unfiltered_map_pixel_are_those_of_its_mean():
    """100 pixels of uncorrelated 4.4-look speckle average to 440 looks."""
    drawn = np.random.default_rng(2).gamma(4.4, 1 / 4.4, (20_000, 100)).mean(axis=1)
    wanted = drawn.mean() ** 2 / drawn.var()
    found = effective_looks(100, filter_width=0, cell_area_m2=100)
    assert found == pytest.approx(wanted, rel=0.05)
