"""The options of a merger, checked against each other and against the products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local_core.collocation.collocation_options import known_error_correlation
from local_core.collocation.joint_moments import resolve_engine
from local_core.collocation.product_stack import ProductStack
from local_core.merging.availability import LARGEST_N_PRODUCTS
from local_core.merging.error_model import ErrorModel
from local_core.merging.fallbacks import FALLBACKS
from local_core.merging.rescaling import RESCALINGS

__all__ = ["METHODS", "error_model"]

METHODS = ("tc", "extended", "tch", "mean")
_DEFAULT_RESCALING = {"tc": "tc", "extended": "tc", "tch": "mean_std", "mean": "none"}


def error_model(
    stack: ProductStack,
    *,
    method: str,
    reference: int | str,
    rescaling: str,
    fallback: str | Sequence[str],
    neighbour_radius: float,
    window: str | int | None,
    error_correlation: Mapping[tuple[int | str, int | str], float] | None,
    correlated: Sequence[tuple[int | str, int | str]],
    min_samples: int,
    alpha: float,
    outlier_sigma: float | None,
    dim: str,
    engine: str,
) -> ErrorModel:
    """Turn the options of a merger into how it finds errors, with products by position.

    Parameters
    ----------
    stack : ProductStack
        What is to be merged.
    method, reference, rescaling, fallback, neighbour_radius, window, error_correlation,
    correlated, min_samples, alpha, outlier_sigma, dim, engine
        Of :class:`~local_core.merging.ProductMerger`.

    Returns
    -------
    ErrorModel

    Raises
    ------
    ValueError
        If an option is unknown, or does not fit another one or the products.
    """
    n_products = len(stack.names)
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, got {method!r}")
    fewest, most = {"tc": (3, 3), "mean": (2, LARGEST_N_PRODUCTS)}.get(
        method, (3, LARGEST_N_PRODUCTS)
    )
    if not fewest <= n_products <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ValueError(
            f"method {method!r} merges {wanted} products, got {n_products}: {stack.names}"
        )
    rescaling = _DEFAULT_RESCALING[method] if rescaling == "auto" else rescaling
    if rescaling not in RESCALINGS:
        raise ValueError(f"rescaling must be 'auto' or one of {RESCALINGS}, got {rescaling!r}")
    if rescaling == "tc" and method != "extended" and n_products != 3:
        raise ValueError(
            f"rescaling='tc' needs three products, or method='extended', got {n_products} products"
        )
    chain = (fallback,) if isinstance(fallback, str) else tuple(fallback)
    chain = (*(step for step in chain if step != "mean"), "mean")
    for step in chain:
        if step not in FALLBACKS:
            raise ValueError(f"fallback must be taken from {FALLBACKS}, got {step!r}")
    if method == "mean":
        chain = ("mean",)
    grid = [d for d in stack.arrays[0].dims if d != dim]
    if "neighbours" in chain and len(grid) != 2:
        raise ValueError(f"fallback 'neighbours' needs maps with two dimensions, got {grid}")
    if window is not None and (n_products < 3 or method == "mean"):
        raise ValueError("window= needs error variances: three products and not method='mean'")
    if outlier_sigma is not None and n_products != 3:
        raise ValueError(f"outlier_sigma needs three products, got {n_products}")
    if correlated and method != "extended":
        raise ValueError("correlated= needs method='extended'")
    if min_samples < 3:
        raise ValueError(f"min_samples must be at least 3, got {min_samples}")
    if error_correlation and (method != "tc" or window is not None or len(error_correlation) != 1):
        raise ValueError(
            "error_correlation takes one pair, with method='tc' and without windows, got "
            f"{dict(error_correlation)}; method='extended' with correlated= estimates "
            "correlations from a further product"
        )
    pair, correlation = known_error_correlation(stack, error_correlation)
    resolve_engine(engine)
    return ErrorModel(
        method=method,
        rescaling=rescaling,
        reference=stack.index_of(reference),
        fallback=chain,
        neighbour_radius=neighbour_radius,
        min_samples=min_samples,
        alpha=alpha,
        known_pair=pair,
        known_correlation=correlation,
        correlated=tuple(
            (stack.index_of(first), stack.index_of(second)) for first, second in correlated
        ),
    )
