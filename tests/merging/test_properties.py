"""What must hold for any products: hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from local_core.merging import merge_products
from local_core.synthetic.products import simulate_products

seeds = st.integers(0, 2**31)
scales = st.floats(0.01, 100.0)
shifts = st.floats(-100.0, 100.0)


def products_of(seed: int) -> list[np.ndarray]:
    sample = simulate_products(n_times=200, shape=(3,), gap_fraction=0.2, seed=seed)
    return list(sample.products.values)


@settings(max_examples=25, deadline=None)
@given(seeds, scales, scales, shifts, shifts)
def test_units_of_the_others_do_not_matter(seed, a, b, c, d):
    x, y, z = products_of(seed)
    plain = merge_products([x, y, z])
    other = merge_products([x, a * y + c, b * z + d])
    np.testing.assert_allclose(other.soil_moisture, plain.soil_moisture, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(other.standard_error, plain.standard_error, rtol=1e-5)
    np.testing.assert_array_equal(other.source, plain.source)


@settings(max_examples=25, deadline=None)
@given(seeds, scales, shifts)
def test_units_of_the_reference_are_those_of_the_result(seed, scale, shift):
    x, y, z = products_of(seed)
    plain = merge_products([x, y, z])
    other = merge_products([scale * x + shift, y, z])
    expected = scale * plain.soil_moisture + shift
    np.testing.assert_allclose(other.soil_moisture, expected, rtol=1e-6, atol=1e-6 * scale)
    np.testing.assert_allclose(other.standard_error, scale * plain.standard_error, rtol=1e-5)


@settings(max_examples=20, deadline=None)
@given(seeds, st.permutations([0, 1, 2]), st.sampled_from(["tc", "extended", "tch", "mean"]))
def test_order_does_not_matter(seed, order, method):
    products = products_of(seed)
    plain = merge_products(products, reference=order[0], method=method)
    other = merge_products([products[k] for k in order], reference=0, method=method)
    np.testing.assert_allclose(other.soil_moisture, plain.soil_moisture, rtol=1e-8)
    np.testing.assert_allclose(other.standard_error, plain.standard_error, rtol=1e-8)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_day_with_one_product_is_that_product_rescaled(seed):
    x, y, z = products_of(seed)
    merged = merge_products([x, y, z])
    alone = merged.source.values == 1
    np.testing.assert_allclose(merged.soil_moisture.values[alone], x[alone], rtol=1e-9)
    assert (merged.soil_moisture.notnull() == (merged.source > 0)).all()
    assert ((merged.source == 0) == ~(np.isfinite(x) | np.isfinite(y) | np.isfinite(z))).all()
