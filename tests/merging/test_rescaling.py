from __future__ import annotations

import numpy as np
import pytest

from local_core.merging import rescale_products
from local_core.synthetic.products import simulate_products


def test_equal_to_pytesmo_mean_std():
    from pytesmo.scaling import mean_std

    sample = simulate_products(n_times=500, seed=0)
    x, y, z = sample.products.values
    scaled = rescale_products([x, y, z], method="mean_std", reference=1)
    np.testing.assert_allclose(scaled["product_0"], mean_std(x, y), rtol=1e-10)
    np.testing.assert_allclose(scaled["product_2"], mean_std(z, y), rtol=1e-10)
    np.testing.assert_array_equal(scaled["product_1"], y)


def test_collocation_recovers_the_planted_gain_and_mean_std_does_not():
    sample = simulate_products(n_times=20_000, error_std=(0.01, 0.05, 0.02), seed=0)
    expected = float(sample.gain[0] / sample.gain[1])
    slope = {}
    for method in ("tc", "mean_std"):
        scaled = rescale_products(sample.products, method=method)["product_1"]
        raw = sample.products.sel(product="product_1")
        slope[method] = float((scaled.diff("time") / raw.diff("time")).median())
    assert slope["tc"] == pytest.approx(expected, rel=0.02)
    assert slope["mean_std"] < 0.9 * expected


def test_statistics_are_joint_and_every_day_is_rescaled():
    sample = simulate_products(n_times=400, gap_fraction=(0.0, 0.3, 0.0), seed=0)
    scaled = rescale_products(sample.products, method="mean_std")
    joint = sample.products.notnull().all("product")
    x, z = sample.products.isel(product=0), scaled["product_2"]
    assert float(z.where(joint).mean()) == pytest.approx(float(x.where(joint).mean()))
    assert float(z.where(joint).std()) == pytest.approx(float(x.where(joint).std()))
    assert z.notnull().all()


def test_units_become_those_of_the_reference():
    x = simulate_products(n_times=50).products.isel(product=0, drop=True)
    percent = (100 * x).assign_attrs(units="%")
    scaled = rescale_products({"a": x.assign_attrs(units="m3 m-3"), "b": percent})
    assert scaled["b"].units == "m3 m-3"
    np.testing.assert_allclose(scaled["b"], x)
    untouched = rescale_products({"a": x, "b": percent}, method="none")
    np.testing.assert_array_equal(untouched["b"], percent)


def test_bad_options_are_named():
    x = np.random.default_rng(0).normal(size=(4, 50))
    with pytest.raises(ValueError, match="'cdf'"):
        rescale_products(x, method="cdf")
    with pytest.raises(ValueError, match="needs three products"):
        rescale_products(list(x), method="tc")
