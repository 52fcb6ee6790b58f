"""Join products into one better than each, with its error."""

from __future__ import annotations

from local_core.merging.fallbacks import Weighting
from local_core.merging.least_squares_weights import (
    blue_weights,
    inverse_variance_weights,
    merged_error_var,
)
from local_core.merging.product_merger import ProductMerger, merge_products
from local_core.merging.rescaling import rescale_products

__all__ = [
    "ProductMerger",
    "Weighting",
    "blue_weights",
    "inverse_variance_weights",
    "merge_products",
    "merged_error_var",
    "rescale_products",
]
