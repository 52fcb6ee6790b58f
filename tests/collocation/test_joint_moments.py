from __future__ import annotations

import numpy as np
import pytest

from local_core.collocation.joint_moments import joint_moments, resolve_engine

ENGINES = ("numpy", "numba")


@pytest.fixture
def series() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    products = [rng.normal(0.25, 0.05, (70, 301)) for _ in range(4)]
    for product in products:
        product[rng.random(product.shape) < 0.2] = np.nan
    products[1][5] = np.nan
    products[2][6, 10] = np.inf
    products[3][7, 11] = -np.inf
    return products


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ddof", [0, 1])
def test_equal_to_numpy_on_the_joint_samples(series, engine, ddof):
    moments = joint_moments(series, engine=engine, ddof=ddof)
    for pixel in range(70):
        stacked = np.array([product[pixel] for product in series])
        joint = stacked[:, np.isfinite(stacked).all(axis=0)]
        assert moments.n[pixel] == joint.shape[1]
        if pixel == 5:
            assert np.isnan(moments.mean[:, pixel]).all()
            assert np.isnan(moments.cov[:, :, pixel]).all()
            continue
        np.testing.assert_allclose(moments.mean[:, pixel], joint.mean(axis=1), rtol=1e-13)
        np.testing.assert_allclose(
            moments.cov[:, :, pixel], np.cov(joint, ddof=ddof), rtol=1e-11, atol=1e-17
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_large_offset_costs_no_digits(engine):
    rng = np.random.default_rng(0)
    base = rng.normal(0.0, 1.0, (2, 1, 2000)).round(6)
    # 2**30 is added without rounding error to values on a grid of 2**-20.
    base = np.round(base * 2**20) / 2**20
    moved = joint_moments([base[0] + 2.0**30, base[1] + 2.0**30], engine=engine)
    still = joint_moments([base[0], base[1]], engine=engine)
    np.testing.assert_allclose(moved.cov, still.cov, rtol=1e-12)
    # The textbook formula has lost everything at this offset.
    x = base[0, 0] + 2.0**30
    assert abs((x**2).mean() - x.mean() ** 2 - still.cov[0, 0, 0]) > 0.5


@pytest.mark.parametrize("engine", ENGINES)
def test_float32_is_summed_in_float64(engine):
    rng = np.random.default_rng(1)
    single = [rng.normal(0.25, 0.05, (8, 5000)).astype(np.float32) for _ in range(3)]
    double = [product.astype(np.float64) for product in single]
    np.testing.assert_allclose(
        joint_moments(single, engine=engine).cov,
        joint_moments(double, engine=engine).cov,
        rtol=1e-12,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_time_need_not_be_contiguous(series, engine):
    turned = [np.ascontiguousarray(product.T).T for product in series]
    assert not turned[0].flags.c_contiguous
    straight, strided = (joint_moments(p, engine=engine) for p in (series, turned))
    np.testing.assert_array_equal(straight.cov, strided.cov)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [">f4", ">f8", "f4", "f8", "f2"])
def test_any_storage_will_do(series, engine, dtype):
    """Read-only beside writable arrays, and the byte order of old NetCDF files."""
    stored = [product.astype(dtype) for product in series]
    stored[1].flags.writeable = False
    native = [product.astype(np.float64) for product in stored]
    moments = joint_moments(stored, engine=engine)
    np.testing.assert_allclose(
        moments.cov, joint_moments(native, engine=engine).cov, rtol=1e-9, atol=1e-15
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_accepted_samples_only(series, engine):
    keep = np.random.default_rng(9).random(series[0].shape) < 0.5
    masked = [np.where(keep, product, np.nan) for product in series]
    by_mask = joint_moments(series, accepted=keep, engine=engine)
    by_gaps = joint_moments(masked, engine=engine)
    np.testing.assert_array_equal(by_mask.n, by_gaps.n)
    np.testing.assert_allclose(by_mask.cov, by_gaps.cov, rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_samples_at_all(engine):
    moments = joint_moments([np.empty((3, 0))] * 2, engine=engine)
    assert moments.n.tolist() == [0, 0, 0]
    assert np.isnan(moments.cov).all()


def test_input_is_left_alone(series):
    before = [product.copy() for product in series]
    for engine in ENGINES:
        joint_moments(series, engine=engine)
    for product, copy in zip(series, before):
        np.testing.assert_array_equal(product, copy)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least two products, got 1"):
        joint_moments([np.zeros((2, 3))])
    with pytest.raises(ValueError, match=r"\(2, 3\), \(2, 4\)"):
        joint_moments([np.zeros((2, 3)), np.zeros((2, 4))])
    with pytest.raises(ValueError, match="'cuda'"):
        resolve_engine("cuda")


def test_numba_missing_is_explained(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert resolve_engine("auto") == "numpy"
    with pytest.raises(ValueError, match="gee-sm\\[fast\\]"):
        resolve_engine("numba")
