"""The options that all collocation methods share, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from local_core.collocation.bootstrap import BootstrapPlan, bootstrap_plan
from local_core.collocation.joint_moments import resolve_engine
from local_core.collocation.product_stack import ProductStack
from local_core.collocation.variance_shares import NEGATIVE_POLICIES

__all__ = ["CollocationOptions", "collocation_options", "known_error_correlation"]


@dataclass(frozen=True)
class CollocationOptions:
    """What the kernel of a method is told besides its products.

    Attributes
    ----------
    reference : int
        Position of the product whose units and range the result has.
    min_samples : int
    alpha : float
        Level of the test that every pair of products is correlated; 0 switches it off.
    negative : {"nan", "clip", "abs"}
    ddof : int
    engine : {"numba", "numpy"}
    plan : BootstrapPlan or None
        None for estimates without intervals.
    """

    reference: int
    min_samples: int
    alpha: float
    negative: str
    ddof: int
    engine: str
    plan: BootstrapPlan | None


def collocation_options(
    stack: ProductStack,
    *,
    reference: int | str,
    min_samples: int,
    alpha: float = 0.0,
    negative: str = "nan",
    bootstrap: int | None,
    block_length: int | None,
    confidence: float,
    random_state: int | np.random.Generator | None,
    ddof: int,
    engine: str,
) -> CollocationOptions:
    """Check the options of a method against the products.

    Parameters
    ----------
    stack : ProductStack
    reference : int or str
        Product by position or name.
    min_samples, alpha, negative, bootstrap, block_length, confidence, random_state, ddof, engine
        As in :func:`~local_core.collocation.triple_collocation`.

    Returns
    -------
    CollocationOptions

    Raises
    ------
    ValueError
        If an option is out of range or there is no such product.
    """
    reference = stack.index_of(reference)
    if negative not in NEGATIVE_POLICIES:
        raise ValueError(f"negative must be one of {NEGATIVE_POLICIES}, got {negative!r}")
    if min_samples < 3:
        raise ValueError(f"min_samples must be at least 3, got {min_samples}")
    if not 0.0 <= alpha < 1.0:
        raise ValueError(f"alpha must lie in [0, 1), got {alpha}")
    engine = resolve_engine(engine)
    plan = None
    if bootstrap is not None:
        plan = bootstrap_plan(
            stack.n_times,
            n_replicates=bootstrap,
            block_length=block_length,
            confidence=confidence,
            random_state=random_state,
        )
    return CollocationOptions(reference, min_samples, alpha, negative, ddof, engine, plan)


def known_error_correlation(
    stack: ProductStack, given: Mapping[tuple[int | str, int | str], float] | None
) -> tuple[tuple[int, int] | None, float]:
    """Positions of the two products whose error correlation is known, and that correlation.

    Parameters
    ----------
    stack : ProductStack
    given : mapping or None
        ``{(product, product): correlation}`` of one pair, products by position or name.

    Returns
    -------
    pair : (int, int) or None
        None if nothing is known.
    correlation : float

    Raises
    ------
    ValueError
        If there is more than one pair, the two products are one, or the correlation is not inside
        (-1, 1).
    """
    if not given:
        return None, 0.0
    if len(given) > 1:
        raise ValueError(
            "triple collocation can take out the error correlation of one pair only, got "
            f"{list(given)}: use extended_collocation with a further product"
        )
    ((first, second), correlation), *_ = given.items()
    pair = (stack.index_of(first), stack.index_of(second))
    if pair[0] == pair[1]:
        raise ValueError(f"error_correlation needs two different products, got {(first, second)}")
    if not -1.0 < correlation < 1.0:
        raise ValueError(
            f"error_correlation must lie between -1 and 1, both excluded, got {correlation}"
        )
    return pair, correlation
