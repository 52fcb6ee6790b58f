from __future__ import annotations

import dataclasses

import ee
import numpy as np
import pytest

from gee_sm.retrieval.soil_moisture import CoefficientsError, coefficients_for, soil_moisture
from local_core.calibration import RetrievalCoefficients


@pytest.mark.parametrize(
    ("orbit", "by_hand"),
    [
        ("A", 0.0143 * 4.2 + 0.186 * 0.5 + 0.164 * 0.12 + 0.052),
        ("D", 0.0154 * 4.2 + 0.200 * 0.5 + 0.110 * 0.12 + 0.040),
    ],
)
def test_equations_8_and_9(synthetic, orbit, by_hand):
    synthetic.connect()
    image = soil_moisture(
        ee.Image.constant(4.2),
        ee.Image.constant(0.5),
        ee.Image.constant(0.12),
        coefficients_for(orbit),
    )
    found = synthetic.read(image, size=1)["soil_moisture"]
    assert found.item() == pytest.approx(by_hand, abs=1e-12)


def test_coefficients_of_the_other_pass_are_refused():
    with pytest.raises(CoefficientsError, match="descending"):
        coefficients_for("D", coefficients_for("A"))
    free = dataclasses.replace(coefficients_for("A"), orbit=None)
    assert coefficients_for("D", free) is free


def test_coefficients_of_another_equation_are_refused():
    other = RetrievalCoefficients(
        values=np.ones(3), covariance=np.eye(3), residual_std=0.1, predictors=("ndvi", "ndmi")
    )
    with pytest.raises(CoefficientsError, match="delta_sigma0_db, ndvi, ndmi"):
        coefficients_for("A", other)
