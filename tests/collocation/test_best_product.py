from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from local_core.collocation import (
    CollocationStatus,
    best_product,
    best_product_shares,
    three_cornered_hat,
)
from local_core.synthetic.products import simulate_products


@pytest.fixture
def uncertainty() -> xr.DataArray:
    values = [
        [[0.01, 0.02, np.nan], [0.05, 0.01, 0.03]],
        [[0.02, 0.01, np.nan], [0.01, 0.02, np.nan]],
    ]
    return xr.DataArray(
        values, dims=("product", "y", "x"), coords={"product": ["smap", "era5 land"]}
    )


def test_smallest_wins_and_gaps_have_none(uncertainty):
    best = best_product(uncertainty)
    assert best.values.tolist() == [[0, 1, -1], [1, 0, 0]]
    assert best.attrs["flag_meanings"] == "none smap era5_land"
    assert best.attrs["flag_values"].tolist() == [-1, 0, 1]


def test_failed_products_do_not_take_part(uncertainty):
    status = xr.zeros_like(uncertainty, dtype=np.int8)
    status[0, 0, 0] = CollocationStatus.NEGATIVE_VARIANCE
    status[1, 1, 0] = CollocationStatus.CONSTRAINT_ACTIVE
    assert best_product(uncertainty, status=status).values.tolist() == [[1, 1, -1], [1, 0, 0]]


def test_shares_by_land_cover(uncertainty):
    cover = xr.DataArray(
        [[10, 10, 10], [10, 40, -1]],
        dims=("y", "x"),
        attrs={"flag_values": [10, 40], "flag_meanings": "forest grassland"},
    )
    best = best_product(uncertainty)
    shares = best_product_shares(best, cover)
    assert shares.land_cover.values.tolist() == [10, 40]
    assert shares.land_cover_name.values.tolist() == ["forest", "grassland"]
    assert shares.n.values.tolist() == [3, 1]
    np.testing.assert_allclose(shares.share, [[1 / 3, 2 / 3], [1.0, 0.0]])
    area = xr.DataArray([3.0, 1.0], dims="y")
    weighted = best_product_shares(best, cover, area=area)
    np.testing.assert_allclose(weighted.share, [[3 / 7, 4 / 7], [1.0, 0.0]])


def test_a_class_without_any_best_product_has_no_shares(uncertainty):
    cover = xr.DataArray([[1.0, 1.0, 2.0], [1.0, 1.0, np.nan]], dims=("y", "x"))
    shares = best_product_shares(best_product(uncertainty), cover)
    assert shares.n.values.tolist() == [4, 0]
    assert shares.share.isel(land_cover=1).isnull().all()


def test_the_product_with_the_smallest_planted_error_is_found():
    sample = simulate_products(
        n_times=1500, shape=(6, 7), gain=(1, 1, 1), error_std=(0.03, 0.02, 0.04), seed=0
    )
    result = three_cornered_hat(sample.products)
    assert (best_product(result.error_std, status=result.status) == 1).all()


def test_bad_input_is_named(uncertainty):
    with pytest.raises(ValueError, match="dimension 'product'"):
        best_product(uncertainty.isel(product=0))
    with pytest.raises(ValueError, match="land_cover has dimensions"):
        best_product_shares(best_product(uncertainty), xr.DataArray([1, 2], dims="z"))
    with pytest.raises(ValueError, match="flag_values"):
        best_product_shares(xr.DataArray([1, 2], dims="x"), xr.DataArray([1, 2], dims="x"))
