from __future__ import annotations

import numpy as np
import pytest
from pytesmo.metrics import tcol_metrics_with_bootstrapped_ci

from local_core.collocation import three_cornered_hat, triple_collocation
from local_core.collocation.bootstrap import (
    bootstrap_plan,
    default_block_length,
    interval,
    replicate_statistics,
)
from local_core.synthetic.products import simulate_products

NAMES = ("error_var", "error_std", "error_var_own", "error_std_own", "beta", "r", "fmse", "snr_db")


def coverage(result, name, truth):
    inside = (result[f"{name}_ci_lower"] <= truth) & (truth <= result[f"{name}_ci_upper"])
    return float(inside.mean())


def test_intervals_match_those_of_pytesmo():
    """Day-by-day draws against pytesmo's, bound by bound, in units of the interval's width."""
    n_pixels, n_replicates = 12, 1500
    sample = simulate_products(n_times=500, shape=(n_pixels,), gap_fraction=0.1, seed=21)
    products = sample.products.values
    mine = triple_collocation(
        *products, bootstrap=n_replicates, block_length=1, random_state=3, negative="abs"
    )
    np.random.seed(5)  # noqa: NPY002 - pytesmo draws from the global generator
    difference = {name: [] for name in ("snr_db", "error_std", "beta")}
    for pixel in range(n_pixels):
        rows = products[:, pixel]
        joint = rows[:, np.isfinite(rows).all(axis=0)]
        theirs = tcol_metrics_with_bootstrapped_ci(*joint, nsamples=n_replicates)
        for name, (_, lower, upper) in zip(("snr_db", "error_std", "beta"), theirs):
            found = mine.isel(dim_0=pixel)
            width = upper - lower
            for index in range(3):
                if name == "beta" and index == 0:
                    continue
                for end, bound in (("lower", lower), ("upper", upper)):
                    gap = float(found[f"{name}_ci_{end}"][index]) - bound[index]
                    difference[name].append(gap / width[index])
    for name, values in difference.items():
        # Monte Carlo noise of two 2.5 % quantiles of 1,500 draws is about 0.025 widths.
        assert abs(np.mean(values)) < 0.012, name
        assert np.std(values) < 0.05, name


@pytest.mark.slow
class TestCalibration:
    """Do 95 % intervals cover what was planted in 95 % of many seeds?

    Pixels are independent seeds, but one call draws the same days for all of them, so the share is
    averaged over several calls as well. Tolerances are in absolute coverage.
    """

    @staticmethod
    def shares(method, names, *, block_length, calls=4, **options):
        """Coverage of every name, over all products, pixels and calls."""
        found = {name: [] for name in names}
        for call in range(calls):
            sample = simulate_products(seed=100 + call, **options)
            arguments = (sample.products,) if method is three_cornered_hat else sample.products
            result = method(*arguments, bootstrap=600, block_length=block_length, random_state=call)
            for name in names:
                if name == "beta":
                    found[name].append(coverage(result.isel(product=[1, 2]), name, 1.0))
                else:
                    truth = sample[name.removesuffix("_own")]
                    found[name].append(coverage(result, name, truth))
        return {name: float(np.mean(values)) for name, values in found.items()}

    def test_independent_errors(self):
        """The truth is persistent, the errors are not: single days will do for these."""
        shares = self.shares(
            triple_collocation,
            ("error_var_own", "error_var", "error_std_own", "beta"),
            block_length=1,
            n_times=500,
            shape=(400,),
            gap_fraction=0.1,
            gain=(1, 1, 1),
        )
        assert shares == pytest.approx(dict.fromkeys(shares, 0.95), abs=0.015)

    def test_autocorrelated_errors_need_blocks(self):
        options = {
            "n_times": 1826,
            "shape": (200,),
            "gap_fraction": 0.1,
            "error_autocorrelation": (0.7, 0.5, 0.8),
        }
        blocks, default, single = (
            self.shares(triple_collocation, ("error_var_own",), block_length=length, **options)[
                "error_var_own"
            ]
            for length in (40, None, 1)
        )
        assert blocks == pytest.approx(0.95, abs=0.02)
        assert default == pytest.approx(0.95, abs=0.025)
        assert single < 0.88

    def test_three_cornered_hat(self):
        shares = self.shares(
            three_cornered_hat,
            ("error_var", "error_std"),
            block_length=20,
            n_times=730,
            shape=(150,),
            gain=(1,) * 4,
            offset=(0,) * 4,
            error_std=(0.02, 0.03, 0.04, 0.025),
            error_autocorrelation=0.5,
            gap_fraction=0.1,
        )
        assert shares == pytest.approx(dict.fromkeys(shares, 0.95), abs=0.025)


def test_every_estimate_lies_in_its_interval():
    sample = simulate_products(n_times=600, shape=(20,), gap_fraction=0.2, seed=6)
    result = triple_collocation(*sample.products, bootstrap=300, random_state=0)
    for name in NAMES:
        lower, upper = result[f"{name}_ci_lower"], result[f"{name}_ci_upper"]
        assert bool(((lower <= result[name]) & (result[name] <= upper)).all()), name
    assert "confidence" in result.attrs
    assert "95 %" in result["r_ci_lower"].attrs["long_name"]


def test_a_reversed_product_has_a_negative_interval_of_r():
    x, y, z = simulate_products(n_times=600, seed=6).products.values
    result = triple_collocation(x, y, -z, bootstrap=200, random_state=0)
    plain = triple_collocation(x, y, z, bootstrap=200, random_state=0)
    np.testing.assert_allclose(result.r_ci_lower[2], -plain.r_ci_upper[2], rtol=1e-9)
    np.testing.assert_allclose(result.r_ci_upper[2], -plain.r_ci_lower[2], rtol=1e-9)


def test_same_seed_same_bounds_and_other_seed_others():
    sample = simulate_products(n_times=300, shape=(3,), seed=6)
    first, again, other = (
        triple_collocation(*sample.products, bootstrap=100, random_state=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.beta_ci_upper, again.beta_ci_upper)
    assert (first.beta_ci_upper[1] != other.beta_ci_upper[1]).all()
    generator = np.random.default_rng(0)
    drawn = triple_collocation(*sample.products, bootstrap=100, random_state=generator)
    assert isinstance(drawn.attrs["bootstrap_seed"], int)


def test_runs_start_on_a_grid_without_changing_the_spread():
    """Days added up to quarter blocks first: the distribution is that of blocks from any day."""
    sample = simulate_products(n_times=2000, shape=(30,), error_autocorrelation=0.6, seed=3)
    products = list(sample.products.values)

    def error_var(cov):
        return (cov[0, 0] - cov[0, 1] * cov[0, 2] / cov[1, 2])[None]

    estimate = triple_collocation(*products).error_var_own.values[:1]
    width = {}
    for cell in (1, 5):
        plan = bootstrap_plan(2000, n_replicates=2000, block_length=20, random_state=cell)
        assert (plan.block_length, plan.cell_length) == (20, 5)
        plan = type(plan)(2000, 20, cell, plan.seed, plan.confidence)
        lower, upper = replicate_statistics(products, plan, error_var, estimate)
        width[cell] = (upper - lower)[0]
    ratio = width[5] / width[1]
    assert abs(ratio.mean() - 1) < 0.03
    assert ratio.std() < 0.06


@pytest.mark.parametrize("noise", [0.5, 0.01, 1e-4])
@pytest.mark.parametrize("sign", [1, -1])
def test_single_precision_carries_any_signal_to_noise_ratio(noise, sign):
    """Against the same draws in double precision, up to an SNR of 80 dB, on a large offset."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(3, 400))
    gains = (1.0, 30.0, sign * 0.02)
    products = [5.0 + g * (truth + noise * rng.normal(size=truth.shape)) for g in gains]
    products[1][:, ::7] = np.nan
    plan = bootstrap_plan(400, n_replicates=500, block_length=1, random_state=0)

    def error_var(cov):
        return np.stack(
            [
                cov[0, 0] - cov[0, 1] * cov[0, 2] / cov[1, 2],
                cov[1, 1] - cov[0, 1] * cov[1, 2] / cov[0, 2],
                cov[2, 2] - cov[0, 2] * cov[1, 2] / cov[0, 1],
            ]
        )

    valid = np.isfinite(products[1])
    centred = [np.where(valid, p - p[valid].mean(), 0.0) for p in products]
    counts = np.random.default_rng(plan.seed).multinomial(400, np.full(400, 1 / 400), size=500)
    n = counts @ valid.T.astype(float)
    cov = np.empty((3, 3, 3, 500))
    for i in range(3):
        for j in range(3):
            total = (counts @ (centred[i] * centred[j]).T) - (
                (counts @ centred[i].T) * (counts @ centred[j].T) / n
            )
            cov[i, j] = (total / (n - 1)).T
    estimate = triple_collocation(*products, negative="nan", alpha=0).error_var_own.values
    expected = interval(error_var(cov), estimate, plan, 400)
    found = replicate_statistics(products, plan, error_var, estimate)
    width = expected[1] - expected[0]
    for bound, exact in zip(found, expected):
        assert (np.abs(bound - exact) < 1e-5 * width).all()


def test_pixels_without_an_estimate_have_no_interval():
    sample = simulate_products(n_times=200, shape=(3,), seed=6)
    products = sample.products.copy()
    products[1, 1] = np.nan
    result = triple_collocation(*products, bootstrap=100, random_state=0)
    assert result.error_var_ci_lower[:, 1].isnull().all()
    alone = triple_collocation(*products.isel(station=[0, 2]), bootstrap=100, random_state=0)
    np.testing.assert_allclose(
        result.error_var_ci_lower[:, [0, 2]], alone.error_var_ci_lower, rtol=1e-10
    )


def test_quantiles_are_those_of_numpy():
    rng = np.random.default_rng(0)
    replicates = rng.normal(size=(5, 1001))
    plan = bootstrap_plan(10**9, n_replicates=1001, block_length=1, random_state=0)
    expected = np.quantile(replicates, [0.025, 0.975], axis=-1)
    np.testing.assert_allclose(
        interval(replicates.copy(), np.zeros(5), plan, 10**9), expected, rtol=1e-6
    )
    with_gaps = replicates.copy()
    with_gaps[:, :50] = np.inf
    np.testing.assert_allclose(
        interval(with_gaps, np.zeros(5), plan, 10**9),
        np.quantile(replicates[:, 50:], [0.025, 0.975], axis=-1),
        rtol=1e-6,
    )
    mostly_gaps = replicates.copy()
    mostly_gaps[:, :200] = np.nan
    assert np.isnan(interval(mostly_gaps, np.zeros(5), plan, 10**9)).all()


def test_default_block_length_grows_with_the_record():
    assert [default_block_length(n) for n in (3, 60, 365, 1826, 3650)] == [1, 8, 14, 24, 31]
