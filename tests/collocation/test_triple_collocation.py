from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pytesmo.metrics import tcol_metrics
from scipy import stats

from local_core.collocation import CollocationStatus, triple_collocation
from local_core.collocation.triplet_estimates import (
    correlated_pair_covariance,
    critical_correlation,
    triplet_estimates,
)
from local_core.synthetic.products import simulate_products


@pytest.fixture(scope="module")
def sample() -> xr.Dataset:
    return simulate_products(n_times=400, shape=(60,), gap_fraction=0.1, seed=5)


@pytest.mark.parametrize("reference", [0, 1, 2])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_equal_to_pytesmo(sample, reference, engine):
    products = sample.products.values
    result = triple_collocation(*products, reference=reference, negative="abs", engine=engine)
    for pixel in range(products.shape[1]):
        rows = products[:, pixel]
        joint = rows[:, np.isfinite(rows).all(axis=0)]
        snr, error_std, beta = tcol_metrics(*joint, ref_ind=reference)
        found = result.isel(dim_0=pixel)
        np.testing.assert_allclose(found.snr_db, snr, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(found.error_std, error_std, rtol=1e-9)
        np.testing.assert_allclose(found.beta, beta, rtol=1e-11)


def test_agrees_with_pytesmo_where_a_variance_is_negative():
    """Noise so small that 40 samples give negative variances: pytesmo's SNR is finite there."""
    sample = simulate_products(n_times=40, shape=(400,), error_std=(0.001, 0.05, 0.05), seed=0)
    products = sample.products.values
    result = triple_collocation(*products, negative="abs", alpha=0.0)
    negative = np.flatnonzero((result.error_var[0] < 0).values)
    assert negative.size > 50
    for pixel in negative[:50]:
        snr, error_std, _ = tcol_metrics(*products[:, pixel])
        np.testing.assert_allclose(result.snr_db[:, pixel], snr, rtol=1e-7)
        assert np.isnan(error_std[0])


def test_exact_covariances_give_exact_answers():
    """Hand-made covariances of eq. 6, gains of both signs."""
    gain = np.array([1.0, -2.0, 0.5])
    error = np.array([0.3, 0.8, 0.1])
    cov = 2.0 * np.outer(gain, gain) + np.diag(error)
    for reference in range(3):
        found = triplet_estimates(cov, reference=reference)
        np.testing.assert_allclose(found.error_var, error, rtol=1e-12)
        np.testing.assert_allclose(found.signal_var, 2.0 * gain**2, rtol=1e-12)
        np.testing.assert_allclose(found.gain, gain[reference] / gain, rtol=1e-12)


def test_derived_quantities_are_tied_together(sample):
    result = triple_collocation(*sample.products)
    ok = result.where(result.status == 0)
    np.testing.assert_allclose(ok.r**2 + ok.fmse, xr.ones_like(ok.r).where(ok.r.notnull()))
    np.testing.assert_allclose(ok.snr_db, 10 * np.log10(ok.r**2 / (1 - ok.r**2)), rtol=1e-9)
    np.testing.assert_allclose(ok.error_std, ok.error_std_own * np.abs(ok.beta))
    np.testing.assert_allclose(ok.error_var, ok.error_std**2)
    np.testing.assert_allclose(ok.fmse, ok.error_var_own / ok.variance)


def test_correlation_with_the_truth_is_the_one_that_was_planted():
    sample = simulate_products(n_times=20_000, shape=(30,), seed=2)
    result = triple_collocation(*sample.products)
    for index in range(3):
        truth, product = sample.truth.values, sample.products.values[index]
        known = [np.corrcoef(t, p)[0, 1] for t, p in zip(truth, product)]
        assert np.abs(result.r.values[index] - known).max() < 0.01
    assert np.abs(result.error_std_own.mean("station") / sample.error_std - 1).max() < 0.01


def test_units_and_names_follow_the_input(sample):
    products = [
        p.assign_attrs(units="m3 m-3").rename(f"p{i}") for i, p in enumerate(sample.products)
    ]
    result = triple_collocation(*products, reference="p1")
    assert result.product.values.tolist() == ["p0", "p1", "p2"]
    assert result.attrs["reference"] == "p1"
    assert result.error_std.units == "m3 m-3"
    assert result.error_var.units == "(m3 m-3)2"
    assert result.beta.units == "1"
    assert result.snr_db.units == "dB"
    assert result.status.attrs["flag_meanings"].split()[0] == "ok"
    np.testing.assert_array_equal(result.station, sample.station)
    assert result.n.dims == ("station",)
    mixed = [products[0], products[1] * 100, products[2]]
    mixed[1].attrs["units"] = "%"
    result = triple_collocation(*mixed, reference="p1")
    assert result.error_std.units == "%"
    assert "units" not in result.error_std_own.attrs


def test_time_may_be_any_dimension():
    sample = simulate_products(n_times=200, shape=(4, 5), seed=8)
    last = triple_collocation(*sample.products)
    first = triple_collocation(*sample.products.transpose("product", "time", "y", "x"))
    assert last.error_var.dims == first.error_var.dims == ("product", "y", "x")
    xr.testing.assert_identical(last, first)


def test_dates_that_one_product_lacks_are_gaps():
    sample = simulate_products(n_times=300, seed=8)
    x, y, z = (p.drop_vars("product") for p in sample.products)
    short = triple_collocation(x.isel(time=slice(20, None)), y.isel(time=slice(0, 280)), z)
    direct = triple_collocation(*(p.isel(time=slice(20, 280)) for p in (x, y, z)))
    xr.testing.assert_identical(short, direct)
    assert int(short.n) == 260


class TestStatus:
    def codes(self, result: xr.Dataset) -> list[int]:
        return result.status.values.tolist()

    def test_too_few(self):
        sample = simulate_products(n_times=50, seed=0)
        products = sample.products.values
        products[1, 29:] = np.nan
        result = triple_collocation(*products, min_samples=30)
        assert self.codes(result) == [CollocationStatus.TOO_FEW_SAMPLES] * 3
        assert int(result.n) == 29
        assert result.error_var.isnull().all()
        assert self.codes(triple_collocation(*products, min_samples=29)) != [1, 1, 1]

    def test_not_significant(self):
        rng = np.random.default_rng(4)
        x, y = rng.normal(size=(2, 1000)) * 0.1 + rng.normal(size=1000)
        z = rng.normal(size=1000)
        result = triple_collocation(x, y, z)
        assert self.codes(result) == [CollocationStatus.NOT_SIGNIFICANT] * 3
        assert result.error_var.notnull().all()

    def test_non_positive_covariance(self):
        sample = simulate_products(n_times=500, seed=0)
        x, y, z = sample.products.values
        result = triple_collocation(x, y, -z)
        assert self.codes(result) == [CollocationStatus.NON_POSITIVE_COVARIANCE] * 3
        # A product with reversed sign is still resolved: eq. 10 with its signs.
        plain = triple_collocation(x, y, z)
        np.testing.assert_allclose(result.error_var, plain.error_var, rtol=1e-10)
        np.testing.assert_allclose(result.r, plain.r * [1, 1, -1], rtol=1e-10)

    def test_constant_series(self):
        sample = simulate_products(n_times=500, seed=0)
        x, y, _ = sample.products.values
        result = triple_collocation(x, y, np.full(500, 0.2))
        assert self.codes(result) == [CollocationStatus.NOT_SIGNIFICANT] * 3

    def test_negative_variance_names_its_product(self):
        # One product equal to the signal of the others and then some: R2 > 1.
        rng = np.random.default_rng(0)
        truth, common = rng.normal(size=(2, 2000))
        x = truth + 0.5 * common
        y = truth + 0.7 * common + 0.2 * rng.normal(size=2000)
        z = truth + 0.3 * rng.normal(size=2000)
        result = triple_collocation(z, y, x, reference=2)
        products = {"nan": result}
        products["clip"] = triple_collocation(z, y, x, reference=2, negative="clip")
        products["abs"] = triple_collocation(z, y, x, reference=2, negative="abs")
        wrong = np.flatnonzero((result.error_var < 0).values)
        assert wrong.size == 1
        bad = int(wrong[0])
        for found in products.values():
            assert float(found.error_var[bad]) == float(result.error_var[bad]) < 0
            assert int(found.status[bad]) == CollocationStatus.NEGATIVE_VARIANCE
            assert (found.status.drop_isel(product=bad) == 0).all()
        assert np.isnan(result.error_std[bad])
        assert np.isnan(result.r[bad])
        assert float(products["clip"].error_std[bad]) == 0.0
        assert float(products["clip"].r[bad]) == 1.0
        assert float(products["clip"].snr_db[bad]) == np.inf
        np.testing.assert_allclose(
            products["abs"].error_std_own[bad] ** 2, -result.error_var_own[bad], rtol=1e-12
        )

    def test_every_code_has_a_meaning(self):
        assert all(code.meaning for code in CollocationStatus)


def test_critical_correlation_is_the_one_of_pearsons_test():
    for n in (5, 30, 365):
        r = float(critical_correlation(np.array([n]), 0.05)[0])
        t = r * np.sqrt((n - 2) / (1 - r**2))
        assert 2 * stats.t.sf(t, n - 2) == pytest.approx(0.05, rel=1e-9)
    assert critical_correlation(np.array([0, 1, 2]), 0.05).tolist() == [1.0, 1.0, 1.0]


class TestKnownErrorCorrelation:
    @pytest.mark.parametrize("rho", [-0.6, -0.2, 0.3, 0.45])
    @pytest.mark.parametrize("pair", [(0, 1), (0, 2), (2, 1)])
    def test_exact_on_exact_covariances(self, rho, pair):
        gain = np.array([1.0, 2.0, -0.5])
        std = np.array([0.5, 0.9, 0.3])
        i, j = pair
        # The correlation is that of the errors brought to one scale, as eq. 6 has it.
        error = np.diag(std**2)
        error[i, j] = error[j, i] = rho * std[i] * std[j]
        cov = 1.5 * np.outer(gain, gain) + error
        common = correlated_pair_covariance(cov, pair, rho)
        assert float(common) == pytest.approx(rho * std[i] * std[j], rel=1e-12)

    def test_two_solutions_give_the_smaller_correction(self):
        # A pair (1, 0.5) with correlation 0.9: the uncorrected variance of the second is negative.
        cov = 4.0 * np.ones((3, 3)) + np.diag([1.0, 0.25, 1.0])
        cov[0, 1] = cov[1, 0] = 4.0 + 0.45
        found = float(correlated_pair_covariance(cov, (0, 1), 0.9))
        assert found == pytest.approx(0.45, rel=1e-12)

    def test_recovers_planted_variances(self):
        correlation = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
        sample = simulate_products(
            n_times=4000, shape=(50,), error_correlation=correlation, error_std=(0.03, 0.024, 0.03)
        )
        plain = triple_collocation(*sample.products)
        known = triple_collocation(*sample.products, error_correlation={(0, 1): 0.5})
        truth = sample.error_var
        assert np.abs(known.error_var_own.mean("station") / truth - 1).max() < 0.03
        # Uncorrected, the two models look better than they are.
        assert (plain.error_var_own.mean("station")[:2] / truth[:2] < 0.75).all()

    def test_one_pair_only(self):
        x = np.random.default_rng(0).normal(size=(3, 50))
        with pytest.raises(ValueError, match="one pair only"):
            triple_collocation(*x, error_correlation={(0, 1): 0.3, (0, 2): 0.3})
        with pytest.raises(ValueError, match="both excluded"):
            triple_collocation(*x, error_correlation={(0, 1): 1.0})
        with pytest.raises(ValueError, match="two different"):
            triple_collocation(*x, error_correlation={(0, 0): 0.2})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reference": 3}, "out of range"),
        ({"reference": "gldas"}, "no product 'gldas'"),
        ({"negative": "drop"}, "'drop'"),
        ({"min_samples": 1}, "at least 3"),
        ({"alpha": 1.5}, "alpha"),
        ({"outlier_sigma": -1.0}, "outlier_sigma"),
        ({"names": ("a", "b")}, "3 different strings"),
        ({"bootstrap": 1}, "at least 2 replicates"),
        ({"bootstrap": 10, "block_length": 90}, "a third of the record"),
        ({"bootstrap": 10, "confidence": 95}, "confidence"),
    ],
)
def test_bad_options_are_named(options, message):
    x = np.random.default_rng(0).normal(size=(3, 100))
    with pytest.raises(ValueError, match=message):
        triple_collocation(*x, **options)


def test_grids_must_agree():
    sample = simulate_products(n_times=50, shape=(3, 4), seed=0)
    x, y, z = (p.drop_vars("product") for p in sample.products)
    with pytest.raises(ValueError, match="resample"):
        triple_collocation(x, y, z.isel(x=slice(0, 3)))
    with pytest.raises(ValueError, match="one grid first"):
        triple_collocation(x, y, z.assign_coords(x=z.x + 0.25))
    with pytest.raises(ValueError, match="dimensions"):
        triple_collocation(x, y, z.isel(x=0))
    with pytest.raises(ValueError, match="not 'day'"):
        triple_collocation(x, y, z, dim="day")
    with pytest.raises(ValueError, match="repeated"):
        triple_collocation(x, y, z.isel(time=[0, 0, 1, 2]))
    # Coordinates that differ in the last digits only are the same grid.
    near = z.assign_coords(x=z.x.astype(float) * (1 + 1e-9))
    x, y = (p.assign_coords(x=p.x.astype(float)) for p in (x, y))
    assert triple_collocation(x, y, near).sizes["x"] == 4


def test_pandas_series_are_aligned_by_their_dates():
    sample = simulate_products(n_times=300, seed=8)
    x, y, z = (p.drop_vars("product").to_series() for p in sample.products)
    shifted = triple_collocation(x.iloc[20:], y.iloc[:280], z)
    direct = triple_collocation(*sample.products.values[:, 20:280])
    np.testing.assert_array_equal(shifted.error_var, direct.error_var)
    assert int(shifted.n) == 260


def test_masked_values_are_gaps_and_not_shown_again():
    rng = np.random.default_rng(5)
    truth = rng.normal(0.25, 0.05, 200)
    x, y, z = (truth + rng.normal(0.0, 0.02, 200) for _ in range(3))
    hidden = rng.random(200) < 0.2
    masked = np.ma.array(np.where(hidden, -9999.0, x), mask=hidden)
    result = triple_collocation(masked, y, z)
    assert int(result.n) == int((~hidden).sum())
    xr.testing.assert_equal(result, triple_collocation(np.where(hidden, np.nan, x), y, z))


def test_no_samples_are_too_few_and_no_common_date_is_said():
    empty = triple_collocation(*np.empty((3, 0)))
    assert (empty.status == CollocationStatus.TOO_FEW_SAMPLES).all()
    days = pd.date_range("2020-01-01", periods=40)
    x, y = (pd.Series(np.arange(40.0), start) for start in (days, days + pd.Timedelta("900D")))
    with pytest.raises(ValueError, match=r"no 'time' in common .*2020-02-09.*2022-06-19"):
        triple_collocation(x, y, x)


def test_zones_of_series_become_utc():
    rng = np.random.default_rng(6)
    hours = pd.date_range("2020-01-01", periods=60, freq="6h")
    x, y, z = (pd.Series(rng.normal(size=60), hours) for _ in range(3))
    there = pd.Series(x.to_numpy(), hours.tz_localize("UTC").tz_convert("Asia/Shanghai"))
    xr.testing.assert_equal(triple_collocation(there, y, z), triple_collocation(x, y, z))


def test_the_order_of_dates_does_not_matter_to_blocks_of_days(sample):
    shuffled = sample.isel(time=np.random.default_rng(0).permutation(sample.sizes["time"]))
    options = {"bootstrap": 20, "block_length": 10, "random_state": 1}
    bounds = [
        triple_collocation(*(s.products.isel(product=k) for k in range(3)), **options)
        for s in (sample, shuffled)
    ]
    xr.testing.assert_allclose(bounds[0], bounds[1], rtol=1e-9)
