"""What must hold for any data: hypothesis."""

from __future__ import annotations

import dask.array
import numpy as np
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from local_core.collocation import extended_collocation, three_cornered_hat, triple_collocation
from local_core.synthetic.products import simulate_products

OWN = ("error_var_own", "error_std_own", "r", "fmse", "snr_db")
seeds = st.integers(0, 2**31)
scales = st.floats(1e-3, 1e3)
shifts = st.floats(-1e3, 1e3)


def products_of(seed: int, **options) -> list[np.ndarray]:
    options = {"n_times": 150, "shape": (3,), "gap_fraction": 0.2} | options
    return list(simulate_products(seed=seed, **options).products.values)


@settings(max_examples=40, deadline=None)
@given(seeds, st.tuples(scales, scales, scales), st.tuples(shifts, shifts, shifts))
def test_triple_collocation_follows_any_unit(seed, gain, offset):
    products = products_of(seed)
    plain = triple_collocation(*products)
    changed = triple_collocation(*(g * (p + o) for p, g, o in zip(products, gain, offset)))
    g = np.array(gain)[:, None]
    np.testing.assert_allclose(changed.error_var_own, g**2 * plain.error_var_own, rtol=1e-5)
    np.testing.assert_allclose(changed.beta, plain.beta * gain[0] / g, rtol=1e-6)
    np.testing.assert_allclose(changed.error_var, gain[0] ** 2 * plain.error_var, rtol=1e-5)
    for name in ("r", "fmse"):
        np.testing.assert_allclose(changed[name], plain[name], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(changed.status, plain.status)


@settings(max_examples=30, deadline=None)
@given(seeds, st.permutations([0, 1, 2]), st.sampled_from(["nan", "clip", "abs"]))
def test_triple_collocation_does_not_know_the_order(seed, order, negative):
    products = products_of(seed, error_std=(0.005, 0.05, 0.08))
    plain = triple_collocation(*products, reference=order[0], negative=negative)
    permuted = triple_collocation(*(products[i] for i in order), reference=0, negative=negative)
    for name in (*OWN, "error_var", "beta", "mean", "variance"):
        np.testing.assert_allclose(
            permuted[name].values, plain[name].values[order], rtol=1e-7, atol=1e-12, err_msg=name
        )
    np.testing.assert_array_equal(permuted.status.values, plain.status.values[order])


@settings(max_examples=12, deadline=None)
@given(seeds, st.integers(2, 5), st.integers(2, 6), st.integers(40, 150), st.booleans())
def test_any_chunks_give_the_same_result(seed, y, x, time, time_first):
    sample = simulate_products(n_times=150, shape=(5, 6), gap_fraction=0.2, seed=seed)
    products = [p.drop_vars("product") for p in sample.products]
    options = {"bootstrap": 30, "random_state": seed, "outlier_sigma": 4.0}
    whole = triple_collocation(*products, **options)
    chunked = [p.chunk({"y": y, "x": x, "time": time}) for p in products]
    if time_first:
        chunked = [p.transpose("time", "y", "x") for p in chunked]
    lazy = triple_collocation(*chunked, **options)
    assert isinstance(lazy.error_var.data, dask.array.Array)
    lazy = lazy.compute(scheduler="synchronous")
    for name in whole.data_vars:
        np.testing.assert_array_equal(lazy[name], whole[name])
    hat = three_cornered_hat(products)
    lazy_hat = three_cornered_hat(chunked).compute(scheduler="synchronous")
    xr.testing.assert_allclose(lazy_hat, hat, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(0.0, 0.6))
@example(34853637, 0.14453125)  # the hat's constraint takes one error variance to 5e-12
def test_a_gap_in_one_product_is_a_day_less_for_all(seed, gaps):
    products = products_of(seed, shape=(), gap_fraction=gaps, n_times=250)
    joint = np.isfinite(products).all(axis=0)
    dropped = [p[joint] for p in products]
    for method in (
        lambda p: triple_collocation(*p),
        extended_collocation,
        three_cornered_hat,
    ):
        with_gaps, without = method(products), method(dropped)
        assert int(with_gaps.n) == int(without.n) == joint.sum()
        np.testing.assert_allclose(with_gaps["mean"], without["mean"], rtol=1e-9)
        # Variances are differences: rounding is a share of what they are taken from.
        rounding = 1e-12 * np.var(dropped, axis=1)
        for name, power in (("error_var", 1), ("error_std", 2)):
            difference = np.abs(with_gaps[name] ** power - without[name] ** power)
            within = difference <= rounding + 1e-9 * np.abs(without[name] ** power)
            assert (within | (with_gaps[name].isnull() & without[name].isnull())).all(), name
        np.testing.assert_array_equal(with_gaps.status, without.status)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(3, 6), st.data())
def test_the_hat_knows_neither_reference_nor_order_nor_truth(seed, n_products, data):
    rng = np.random.default_rng(seed)
    mixing = np.eye(n_products) + rng.uniform(-0.5, 0.5, (n_products, n_products))
    errors = np.einsum("ij,jpt->ipt", mixing, rng.normal(size=(n_products, 4, 60)))
    plain = three_cornered_hat(list(errors))
    order = data.draw(st.permutations(range(n_products)))
    reference = data.draw(st.integers(0, n_products - 1))
    truth = 10 * rng.normal(size=(4, 60))
    other = three_cornered_hat([errors[i] + truth for i in order], reference=reference)
    np.testing.assert_allclose(
        other.error_var.values, plain.error_var.values[order], rtol=1e-6, atol=1e-8
    )
    np.testing.assert_array_equal(other.status.values, plain.status.values[order])


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_the_hat_follows_a_common_unit_and_any_offsets(seed, scale, shift):
    rng = np.random.default_rng(seed)
    products = list(rng.normal(size=(4, 3, 60)))
    plain = three_cornered_hat(products)
    moved = three_cornered_hat([scale * (p + i * shift) for i, p in enumerate(products)])
    np.testing.assert_allclose(moved.error_var, scale**2 * plain.error_var, rtol=1e-6)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_numba_and_numpy_agree(seed):
    products = products_of(seed)
    with_numba, with_numpy = (
        triple_collocation(*products, engine=engine) for engine in ("numba", "numpy")
    )
    xr.testing.assert_allclose(with_numba, with_numpy, rtol=1e-8)
