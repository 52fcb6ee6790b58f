from __future__ import annotations

import dask.array
import numpy as np
import pytest
import xarray as xr
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from local_core.collocation import CollocationStatus, triple_collocation
from local_core.merging import ProductMerger, Weighting, merge_products
from local_core.synthetic.products import simulate_products


def rmse_of(merged: xr.Dataset, sample: xr.Dataset, reference: int = 0) -> float:
    """Root mean square error against the truth as the reference sees it."""
    gain, offset = float(sample.gain[reference]), float(sample.offset[reference])
    error = merged.soil_moisture - (offset + gain * sample.truth)
    return float(np.sqrt((error**2).mean()))


def best_rmse(sample: xr.Dataset, reference: int = 0) -> float:
    """Root mean square of the optimum with known errors, day by day as products are there."""
    scale = float(sample.gain[reference]) / sample.gain
    covariance = sample.error_covariance.values * scale.values[:, None] * scale.values[None, :]
    there = sample.products.notnull().transpose("product", ...).values
    total, count = 0.0, 0
    for pattern in range(1, 2 ** len(scale)):
        used = [k for k in range(len(scale)) if pattern >> k & 1]
        days = np.all([there[k] == (k in used) for k in range(len(scale))], axis=0).sum()
        block = covariance[np.ix_(used, used)]
        total += days / np.linalg.solve(block, np.ones(len(used))).sum()
        count += days
    return float(np.sqrt(total / count))


class TestClosure:
    """The merged product is within 2 % of the theoretical optimum."""

    @pytest.mark.parametrize("reference", [0, 2])
    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_complete_series(self, reference, engine):
        sample = simulate_products(shape=(60,), seed=1)
        merged = merge_products(sample.products, reference=reference, engine=engine)
        assert rmse_of(merged, sample, reference) < 1.02 * best_rmse(sample, reference)

    def test_with_gaps_and_autocorrelated_errors(self):
        sample = simulate_products(
            shape=(60,), gap_fraction=(0.1, 0.3, 0.2), gap_length=5, error_autocorrelation=0.5
        )
        merged = merge_products(sample.products)
        assert rmse_of(merged, sample) < 1.02 * best_rmse(sample)
        assert merged.soil_moisture.notnull().mean() > 0.98

    def test_five_products_two_of_them_correlated(self):
        correlation = np.eye(5)
        correlation[3, 4] = correlation[4, 3] = 0.6
        sample = simulate_products(
            shape=(30,),
            gain=(1.0, 0.9, 1.1, 1.2, 0.8),
            offset=(0.0,) * 5,
            error_std=(0.03, 0.035, 0.04, 0.03, 0.025),
            error_correlation=correlation,
            seed=3,
        )
        merged = merge_products(sample.products, method="extended", correlated=[(3, 4)])
        assert rmse_of(merged, sample) < 1.02 * best_rmse(sample)
        naive = merge_products(sample.products, method="extended")
        assert rmse_of(naive, sample) > 1.04 * best_rmse(sample)

    def test_two_models_with_a_known_error_correlation(self):
        correlation = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]])
        sample = simulate_products(
            shape=(60,),
            error_std=(0.03, 0.024, 0.036),
            error_correlation=correlation,
            seed=3,
        )
        known = merge_products(sample.products, error_correlation={(0, 1): 0.6})
        unknown = merge_products(sample.products)
        assert rmse_of(known, sample) < 1.02 * best_rmse(sample)
        assert rmse_of(unknown, sample) > 1.05 * best_rmse(sample)

    def test_the_hat_on_products_of_one_scale(self):
        sample = simulate_products(
            shape=(40,),
            gain=(1,) * 4,
            offset=(0,) * 4,
            error_std=(0.02, 0.03, 0.04, 0.05),
            gap_fraction=0.1,
        )
        merged = merge_products(sample.products, method="tch", rescaling="none")
        assert rmse_of(merged, sample) < 1.02 * best_rmse(sample)

    def test_seasonal_windows_follow_seasonal_errors(self):
        sample = simulate_products(
            n_times=3652, shape=(30,), seasonal_error=0.8, error_std=(0.03, 0.03, 0.05), seed=2
        )
        rmse = {
            window: rmse_of(merge_products(sample.products, window=window), sample)
            for window in (None, "season", "month")
        }
        assert rmse["season"] < 0.97 * rmse[None]
        assert rmse["month"] < rmse["season"]


class TestStandardError:
    def test_it_is_the_error(self):
        sample = simulate_products(shape=(80,), gap_fraction=0.3, seed=4)
        merged = merge_products(sample.products)
        error = merged.soil_moisture - sample.truth
        for source in (1, 3, 5, 6, 7):
            days = merged.source == source
            actual = float(np.sqrt((error.where(days) ** 2).mean()))
            stated = float(np.sqrt((merged.standard_error.where(days) ** 2).mean()))
            assert stated == pytest.approx(actual, rel=0.05), source

    def test_of_the_plain_mean(self):
        sample = simulate_products(shape=(50,), gain=(1, 1, 1), offset=(0, 0, 0), seed=4)
        merged = merge_products(sample.products, method="mean")
        assert float(merged.standard_error.mean()) == pytest.approx(
            rmse_of(merged, sample), rel=0.05
        )
        np.testing.assert_allclose(
            merged.soil_moisture, sample.products.mean("product"), rtol=1e-12
        )
        assert (merged.weighting == Weighting.MEAN).all()

    def test_of_correlated_products(self):
        correlation = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])
        sample = simulate_products(
            shape=(80,), error_std=(0.03, 0.024, 0.04), error_correlation=correlation, seed=5
        )
        merged = merge_products(sample.products, error_correlation={(0, 1): 0.5})
        assert float(merged.standard_error.mean()) == pytest.approx(
            rmse_of(merged, sample), rel=0.05
        )


def test_rescaling_first_beats_the_paper_to_the_letter():
    """The slip: a product of half the amplitude looks twice as good in its own units."""
    sample = simulate_products(
        shape=(40,), gain=(1.0, 0.4, 1.0), offset=(0, 0.1, 0), error_std=(0.03, 0.02, 0.03)
    )
    scaled = merge_products(sample.products)
    literal = merge_products(sample.products, rescaling="none")
    assert float(scaled.weight[0, 1].mean()) < 0.27
    assert float(literal.weight[0, 1].mean()) > 0.45
    # Correlation, so that the unscaled offset and range are not held against the literal variant.
    r = [float(xr.corr(m.soil_moisture, sample.truth)) for m in (scaled, literal)]
    assert r[0] > r[1]
    own_units = triple_collocation(*sample.products).error_var_own.mean("station")
    inverse = 1 / own_units
    np.testing.assert_allclose(
        literal.weight[0].mean("station"), inverse / inverse.sum(), rtol=0.02
    )


class TestFallbacks:
    def test_a_product_of_noise_is_left_out(self):
        sample = simulate_products(shape=(30,), gain=(1, 1, 0), seed=6)
        chosen = ProductMerger().fit(sample.products)
        assert (chosen.weighting_ == Weighting.TWO_PRODUCTS).mean() > 0.9
        np.testing.assert_allclose(
            chosen.weights_[0].where(chosen.weighting_ == Weighting.TWO_PRODUCTS).mean("station"),
            [0.5, 0.5, 0.0],
        )
        best_two = rmse_of(chosen.predict(sample.products), sample)
        paper = merge_products(sample.products, fallback="mean")
        assert (paper.weighting == Weighting.MEAN).mean() > 0.9
        assert best_two < 0.8 * rmse_of(paper, sample)

    def test_a_product_too_good_to_be_resolved_gets_the_weight(self):
        sample = simulate_products(
            n_times=60, shape=(300,), error_std=(0.002, 0.04, 0.04), gain=(1, 1, 1), seed=6
        )
        floored = ProductMerger().fit(sample.products)
        status = floored.status_.isel(product=0, drop=True)
        negative = np.flatnonzero(status == CollocationStatus.NEGATIVE_VARIANCE)
        assert negative.size > 30
        there = {"station": negative}
        assert (floored.weighting_[there] == Weighting.FLOORED).all()
        assert (floored.weights_[0, 0][there] > 0.7).all()
        paper = merge_products(sample.products, fallback="mean")
        better = floored.predict(sample.products)
        assert (paper.weighting[there] == Weighting.MEAN).all()
        sample, paper, better = (d.isel(there) for d in (sample, paper, better))
        assert rmse_of(better, sample) < 0.5 * rmse_of(paper, sample)

    def test_neighbours_fill_a_hole_in_the_map(self):
        sample = simulate_products(shape=(7, 7), error_std=(0.02, 0.03, 0.06), gain=(1, 1, 1))
        products = sample.products.copy()
        # A hole whose joint samples are there but not significantly correlated.
        rng = np.random.default_rng(0)
        hole = products[2, 3, 3]
        hole[:] = rng.permutation(hole.values)
        chain = ("neighbours", "mean")
        merger = ProductMerger(fallback=chain).fit(products)
        assert int(merger.weighting_[3, 3]) == Weighting.NEIGHBOURS
        around = merger.weights_[0].where(merger.weighting_ == Weighting.ESTIMATED).mean(("y", "x"))
        np.testing.assert_allclose(merger.weights_[0, :, 3, 3], around, atol=0.12)
        alone = ProductMerger(fallback=chain, neighbour_radius=0.5).fit(products)
        assert int(alone.weighting_[3, 3]) == Weighting.MEAN

    def test_too_few_samples_are_averaged_without_a_known_error(self):
        sample = simulate_products(n_times=20, shape=(2,), gain=(1, 1, 1), offset=(0, 0, 0))
        merged = merge_products(sample.products)
        assert (merged.weighting == Weighting.MEAN).all()
        assert merged.standard_error.isnull().all()
        np.testing.assert_allclose(merged.soil_moisture, sample.products.mean("product"))

    def test_a_pixel_without_data(self):
        sample = simulate_products(n_times=100, shape=(3,), seed=0)
        products = sample.products.copy()
        products[:, 1] = np.nan
        products[0, 2] = np.nan
        merged = merge_products(products)
        assert merged.soil_moisture[1].isnull().all()
        assert (merged.source[1] == 0).all()
        assert (merged.source[2] == 6).all()
        assert merged.soil_moisture[2].notnull().all()


class TestEstimator:
    def test_weights_of_the_past_serve_the_future(self):
        sample = simulate_products(n_times=2500, shape=(20,), seed=7)
        past, future = sample.isel(time=slice(0, 1800)), sample.isel(time=slice(1800, None))
        merger = ProductMerger(window=600).fit(past.products)
        merged = merger.predict(future.products)
        assert merger.windows_.labels == ["2016-01-01", "2017-08-23", "2019-04-15"]
        assert merged.sizes["time"] == 700
        assert rmse_of(merged, future) < 1.05 * best_rmse(future)

    def test_it_is_an_estimator(self):
        merger = ProductMerger(method="extended", window="month", alpha=0.1)
        copy = clone(merger)
        assert copy.get_params() == merger.get_params()
        assert copy.set_params(alpha=0.2).alpha == 0.2
        with pytest.raises(NotFittedError):
            merger.predict(simulate_products(n_times=50).products)

    def test_output_has_the_order_names_and_units_of_the_input(self):
        sample = simulate_products(n_times=100, shape=(2, 3), names=("smap", "gldas", "era5"))
        products = {
            str(name): sample.products.sel(product=name, drop=True)
            .transpose("time", "y", "x")
            .assign_attrs(units="m3 m-3")
            for name in sample.product.values
        }
        merged = merge_products(products, name="sm", reference="gldas")
        assert merged.sm.dims == merged.standard_error.dims == ("time", "y", "x")
        assert merged.sm.units == merged.standard_error.units == "m3 m-3"
        assert merged.source.attrs["flag_meanings"] == "smap gldas era5"
        assert merged.source.attrs["flag_masks"].tolist() == [1, 2, 4]
        assert merged.weight.dims == ("window", "product", "y", "x")
        assert merged.attrs["reference"] == "gldas"
        assert merged.weighting.attrs["flag_meanings"].split()[1] == "estimated"
        np.testing.assert_allclose(merged.weight.sum("product"), 1.0)

    def test_dates_of_one_product_only_are_kept(self):
        sample = simulate_products(n_times=200, seed=0)
        x, y, z = (p for p in sample.products)
        merged = merge_products([x.isel(time=slice(0, 150)), y, z.isel(time=slice(0, 150))])
        assert merged.sizes["time"] == 200
        assert (merged.source[150:] == 2).all()

    @pytest.mark.parametrize("window", [None, "season", 50])
    def test_chunks_do_not_matter(self, window):
        sample = simulate_products(n_times=365, shape=(4, 5), gap_fraction=0.2, seed=1)
        whole = merge_products(sample.products, window=window, fallback=("floor", "neighbours"))
        chunked = sample.products.chunk({"y": 3, "x": 2, "time": 100})
        lazy = merge_products(chunked, window=window, fallback=("floor", "neighbours"))
        assert isinstance(lazy.soil_moisture.data, dask.array.Array)
        xr.testing.assert_allclose(lazy.compute(scheduler="synchronous"), whole, rtol=1e-12)

    def test_arrays_without_dates(self):
        sample = simulate_products(n_times=300, shape=(3,), seed=1)
        merged = merge_products(list(sample.products.values), window=100)
        assert merged.soil_moisture.shape == (3, 300)
        assert merged.window.values.tolist() == ["0", "100", "200"]
        with pytest.raises(ValueError, match="needs a time coordinate"):
            merge_products(list(sample.products.values), window="season")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"method": "vote"}, "'vote'"),
            ({"rescaling": "cdf"}, "'cdf'"),
            ({"fallback": "hope"}, "'hope'"),
            ({"fallback": "neighbours"}, "two dimensions"),
            ({"window": "week"}, "'week'"),
            ({"window": 0}, "got 0"),
            ({"window": "season", "method": "mean"}, "needs error variances"),
            ({"correlated": [(0, 1)]}, "method='extended'"),
            ({"error_correlation": {(0, 1): 0.5}, "window": "month"}, "without windows"),
            ({"min_samples": 2}, "at least 3"),
            ({"engine": "cuda"}, "'cuda'"),
            ({"reference": "none"}, "no product"),
        ],
    )
    def test_bad_options_are_named(self, options, message):
        with pytest.raises(ValueError, match=message):
            merge_products(simulate_products(n_times=100, shape=(2,)).products, **options)

    def test_numbers_of_products(self):
        four = simulate_products(
            n_times=100, gain=(1,) * 4, offset=(0,) * 4, error_std=(0.02,) * 4
        ).products
        with pytest.raises(ValueError, match="method 'tc' merges 3 products, got 4"):
            merge_products(four)
        with pytest.raises(ValueError, match="needs three products"):
            merge_products(four, method="tch", rescaling="tc")
        with pytest.raises(ValueError, match="outlier_sigma needs three"):
            merge_products(four, method="tch", outlier_sigma=4.0)
        with pytest.raises(ValueError, match="fitted on 4 products"):
            ProductMerger(method="tch").fit(four).predict(four[:3])
        two = merge_products(four[:2], method="mean")
        assert two.soil_moisture.notnull().all()

    def test_planted_outliers_do_not_spoil_the_weights(self):
        sample = simulate_products(shape=(20,), seed=8)
        products = sample.products.copy()
        products[0, :, ::150] += 0.5
        robust = ProductMerger(outlier_sigma=4.0).fit(products)
        spoiled = ProductMerger().fit(products)
        clean = ProductMerger().fit(sample.products)
        near = np.abs(robust.weights_ - clean.weights_).max()
        assert float(near) < 0.05 < float(np.abs(spoiled.weights_ - clean.weights_).max())
