from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pytesmo.metrics import ecol

from local_core.collocation import extended_collocation, triple_collocation
from local_core.synthetic.products import simulate_products

# pytesmo's ecol is written with numpy.matrix.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

NAMES = ("smap", "ascat", "gldas", "era5", "merra2")


@pytest.fixture(scope="module")
def sample() -> xr.Dataset:
    correlation = np.eye(5)
    correlation[2, 3] = correlation[3, 2] = 0.5
    return simulate_products(
        n_times=3000,
        shape=(15,),
        gain=(1.0, 0.7, 1.2, 0.9, 1.1),
        offset=(0.0,) * 5,
        error_std=(0.03, 0.04, 0.03, 0.025, 0.035),
        error_correlation=correlation,
        gap_fraction=0.1,
        names=NAMES,
        seed=7,
    )


@pytest.mark.parametrize(
    "correlated", [(), (("gldas", "era5"),), (("gldas", "era5"), ("smap", "ascat"))]
)
@pytest.mark.parametrize("negative", ["nan", "abs"])
def test_equal_to_pytesmo(sample, correlated, negative):
    result = extended_collocation(sample.products, correlated=correlated, negative=negative)
    for station in range(4):
        frame = pd.DataFrame(sample.products.isel(station=station).values.T, columns=NAMES)
        theirs = ecol(
            frame.copy(),
            correlated=[list(pair) for pair in correlated] or None,
            abs_est=negative == "abs",
        )
        mine = result.isel(station=station)
        for name in NAMES:
            of = mine.sel(product=name)
            assert float(of.error_var_own) == pytest.approx(theirs[f"err_{name}"], rel=1e-9)
            assert float(of.signal_var) == pytest.approx(theirs[f"sig_{name}"], rel=1e-9)
            assert float(of.snr_db) == pytest.approx(theirs[f"snr_{name}"], rel=1e-9)
        for a, b in correlated:
            of = mine.sel(product=a, product_b=b)
            assert float(of.error_covariance) == pytest.approx(theirs[f"err_cov_{a}_{b}"], rel=1e-8)
            assert float(of.error_correlation) == pytest.approx(
                theirs[f"err_corr_{a}_{b}"], rel=1e-8
            )


def test_three_products_are_triple_collocation(sample):
    three = sample.products.isel(product=[0, 1, 2])
    extended = extended_collocation(three, reference="ascat", names=NAMES[:3])
    triple = triple_collocation(*three, reference="ascat", names=NAMES[:3])
    for name in ("error_var", "error_std", "error_var_own", "beta", "r", "fmse", "snr_db", "mean"):
        np.testing.assert_allclose(extended[name], triple[name], rtol=1e-9)
    np.testing.assert_array_equal(extended.status, triple.status)


def test_recovers_the_planted_covariance(sample):
    result = extended_collocation(sample.products, correlated=[("gldas", "era5")])
    mean = result.mean("station")
    assert float(mean.error_correlation.sel(product="gldas", product_b="era5")) == pytest.approx(
        0.5, abs=0.03
    )
    np.testing.assert_allclose(mean.error_var_own, sample.error_var, rtol=0.05)
    expected = 1.0 / np.array([1.0, 0.7, 1.2, 0.9, 1.1])
    np.testing.assert_allclose(mean.beta, expected, rtol=0.02)
    diagonal = np.einsum("iis->is", result.error_covariance.values)
    np.testing.assert_array_equal(diagonal, result.error_var_own)
    # Taking the models as independent makes them look better than they are.
    naive = extended_collocation(sample.products).mean("station")
    assert float(naive.error_var_own.sel(product="era5")) < 0.9 * float(
        sample.error_var.sel(product="era5")
    )


def test_intervals_contain_the_estimate(sample):
    result = extended_collocation(
        sample.products.isel(station=slice(0, 2)), bootstrap=100, random_state=0
    )
    for name in ("error_var", "error_var_own"):
        assert bool((result[f"{name}_ci_lower"] <= result[name]).all())
        assert bool((result[name] <= result[f"{name}_ci_upper"]).all())


def test_products_in_a_dataset_or_a_mapping(sample):
    mapping = {name: sample.products.sel(product=name) for name in NAMES}
    dataset = xr.Dataset({name: array.drop_vars("product") for name, array in mapping.items()})
    xr.testing.assert_identical(extended_collocation(mapping), extended_collocation(dataset))


def test_what_cannot_be_identified_is_refused(sample):
    with pytest.raises(ValueError, match="'smap' belongs to no triplet"):
        extended_collocation(
            sample.products.isel(product=[0, 1, 2]),
            names=NAMES[:3],
            correlated=[("smap", "ascat")],
        )
    with pytest.raises(ValueError, match=r"error covariance of .* cannot be estimated"):
        # Each has a triplet of its own, but no two products are independent of both.
        extended_collocation(
            simulate_products(
                n_times=50, gain=(1,) * 6, offset=(0,) * 6, error_std=(0.02,) * 6
            ).products,
            names=(*NAMES, "cci"),
            correlated=[
                ("gldas", "era5"),
                ("gldas", "smap"),
                ("gldas", "ascat"),
                ("era5", "merra2"),
                ("era5", "cci"),
                ("smap", "merra2"),
                ("smap", "cci"),
                ("ascat", "merra2"),
                ("ascat", "cci"),
            ],
        )
    with pytest.raises(ValueError, match="cannot be correlated with itself"):
        extended_collocation(sample.products, names=NAMES, correlated=[("smap", "smap")])
    with pytest.raises(ValueError, match="at least 3 products"):
        extended_collocation(sample.products.isel(product=[0, 1]))
