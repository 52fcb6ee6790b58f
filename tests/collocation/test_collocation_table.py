from __future__ import annotations

import numpy as np
import pytest

from local_core.collocation import three_cornered_hat, triple_collocation
from local_core.collocation.collocation_table import (
    collocation_table,
    join_intervals,
    status_counts,
)
from local_core.markdown_table import aligned_table
from local_core.synthetic.products import simulate_products


def result_of(shape, **options):
    products = simulate_products(n_times=200, shape=shape, seed=0).products.copy()
    if shape:
        products[0, 0] = np.nan
    return triple_collocation(*products, **options)


def test_a_series_has_a_row_per_product():
    result = result_of((), bootstrap=50, random_state=0)
    table = collocation_table(result)
    assert table["product"].tolist() == ["product_0", "product_1", "product_2"]
    assert table["status"].tolist() == ["ok"] * 3
    np.testing.assert_array_equal(table["error_std"], result.error_std)
    np.testing.assert_array_equal(table["r_upper"], result.r_ci_upper)
    joined = join_intervals(table)
    assert "r_upper" not in joined
    assert joined["r"][0].startswith(f"{float(result.r[0]):.3g} [")


def test_stations_have_a_row_each():
    table = collocation_table(result_of((3,)))
    assert table["station"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert table["status"][:3].tolist() == ["too_few_samples"] * 3
    unnamed = simulate_products(n_times=200, shape=(2,), seed=0).products.values
    assert collocation_table(triple_collocation(*unnamed))["dim_0"].tolist() == [0, 0, 0, 1, 1, 1]


def test_maps_are_summed_up():
    result = result_of((2, 5))
    table = collocation_table(result)
    assert table["resolved"].tolist() == pytest.approx([0.5] * 3)
    usable = result.error_std.where(result.status == 0)
    np.testing.assert_allclose(table["error_std"], usable.median(("y", "x")))
    counts = status_counts(result)
    assert counts["too_few_samples"].tolist() == [5, 5, 5]
    assert counts["ok"].tolist() == [5, 5, 5]


def test_the_hat_has_its_own_columns():
    sample = simulate_products(n_times=200, seed=0)
    table = collocation_table(three_cornered_hat(sample.products))
    assert table.columns.tolist() == [
        "product", "n", "error_std", "relative_uncertainty", "mean", "status",
    ]  # fmt: skip


def test_markdown_is_aligned():
    text = aligned_table(collocation_table(result_of((2,))))
    lines = text.splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].startswith("|--------:|")
    assert " - " in lines[2]
