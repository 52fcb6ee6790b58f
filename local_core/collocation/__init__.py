"""Errors of products that nobody calibrated: collocation and the three-cornered hat."""

from __future__ import annotations

from local_core.collocation.best_product import best_product, best_product_shares
from local_core.collocation.block_length import suggest_block_length
from local_core.collocation.extended_collocation import extended_collocation
from local_core.collocation.status import CollocationStatus
from local_core.collocation.three_cornered_hat import three_cornered_hat
from local_core.collocation.triple_collocation import triple_collocation

__all__ = [
    "CollocationStatus",
    "best_product",
    "best_product_shares",
    "extended_collocation",
    "suggest_block_length",
    "three_cornered_hat",
    "triple_collocation",
]
