"""Extended collocation: more than three products, some with correlated errors.

The least-squares system of Gruber et al. (2016) needs no solver. Every error variance appears in
one equation only (``C_ii = signal + error``), so the solution is: the signal variance of a product
is the *mean* of its classical triplet estimates over all triplets without a correlated pair, and
what is left of the variance is error. Likewise the error covariance of a correlated pair (i, j) is
``C_ij`` less the mean of ``C_ia C_jb / C_ab`` over pairs (a, b) that are correlated with neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
import xarray as xr

from local_core.collocation.bootstrap import bounded, replicate_statistics
from local_core.collocation.collocation_dataset import describe_collocation
from local_core.collocation.collocation_options import CollocationOptions, collocation_options
from local_core.collocation.joint_moments import joint_moments
from local_core.collocation.product_stack import ArrayLike, stack_products
from local_core.collocation.triplet_estimates import triplet_status
from local_core.collocation.variance_shares import variance_shares

__all__ = ["extended_collocation", "extended_estimates"]


def extended_collocation(
    products: Sequence[ArrayLike] | Mapping[str, ArrayLike] | xr.Dataset,
    *,
    correlated: Sequence[tuple[int | str, int | str]] = (),
    dim: str = "time",
    names: Sequence[str] | None = None,
    reference: int | str = 0,
    min_samples: int = 30,
    alpha: float = 0.05,
    negative: str = "nan",
    bootstrap: int | None = None,
    block_length: int | None = None,
    confidence: float = 0.95,
    random_state: int | np.random.Generator | None = None,
    ddof: int = 1,
    engine: str = "auto",
) -> xr.Dataset:
    """Errors of three or more products, and the error covariance of those that share causes.

    Parameters
    ----------
    products : sequence, mapping or xarray.Dataset
        Collocated products as in :func:`~local_core.collocation.triple_collocation`.
    correlated : sequence of pairs, optional
        Pairs of products (names or positions) whose errors may be correlated, such as two land
        models, or two retrievals from one satellite. Every product must still belong to a triplet
        without such a pair.
    dim, names, reference, min_samples, alpha, negative
        As in :func:`~local_core.collocation.triple_collocation`. Significance and sign are asked of
        all pairs, the correlated ones included.
    bootstrap, block_length, confidence, random_state, ddof, engine
        As there. Intervals are given for ``error_var_own`` and ``error_var``.

    Returns
    -------
    xarray.Dataset
        The variables of :func:`~local_core.collocation.triple_collocation` (for three products and
        no correlated pair the same numbers), with ``signal_var`` (own units²) and, over
        ``product`` and ``product_b``, ``error_covariance`` (own units; its diagonal is
        ``error_var_own``, zero where errors are taken as independent) and ``error_correlation``.

    Raises
    ------
    ValueError
        If a product belongs to no triplet, or a correlated pair has no two independent partners.

    Notes
    -----
    Equal to :func:`pytesmo.metrics.ecol` with ``abs_est=False`` (``negative="abs"`` takes its
    absolute values for the SNR and standard deviations). ``beta`` is the ratio of the signal
    standard deviations, with the sign of the covariance with the reference.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> truth, common = rng.normal(0, 1, (2, 20000))
    >>> products = {name: truth + rng.normal(0, 0.5, 20000) for name in "abcd"}
    >>> products["a"] = products["a"] + 0.4 * common
    >>> products["b"] = products["b"] + 0.4 * common
    >>> result = extended_collocation(products, correlated=[("a", "b")])
    >>> round(float(result.error_covariance.sel(product="a", product_b="b")), 1)
    0.2
    """
    stack = stack_products(products, dim=dim, names=names, at_least=3)
    n_products = len(stack.names)
    options = collocation_options(
        stack,
        reference=reference,
        min_samples=min_samples,
        alpha=alpha,
        negative=negative,
        bootstrap=bootstrap,
        block_length=block_length,
        confidence=confidence,
        random_state=random_state,
        ddof=ddof,
        engine=engine,
    )
    pairs = sorted({tuple(sorted(map(stack.index_of, pair))) for pair in correlated})
    for i, j in pairs:
        if i == j:
            raise ValueError(f"product {stack.names[i]!r} cannot be correlated with itself")
    # Asked here, so that an impossible set of correlations fails before any data are read.
    extended_estimates(np.ones((n_products, n_products)), correlated=pairs, names=stack.names)

    def kernel(*arrays: np.ndarray) -> dict[str, np.ndarray]:
        return _extended_block(arrays, pairs, options)

    per_product: list[str] = [
        "error_var",
        "error_std",
        "error_var_own",
        "error_std_own",
        "signal_var",
        "beta",
        "r",
        "fmse",
        "snr_db",
        "mean",
        "variance",
    ]
    if options.plan is not None:
        per_product += bounded(("error_var_own", "error_var"))
    outputs: dict[str, tuple[tuple[str, ...], type]] = dict.fromkeys(
        per_product, (("product",), np.float64)
    )
    outputs["error_covariance"] = (("product", "product_b"), np.float64)
    outputs["error_correlation"] = (("product", "product_b"), np.float64)
    outputs["n"] = ((), np.int64)
    outputs["status"] = (("product",), np.int8)
    result = stack.apply(kernel, outputs, {"product": n_products, "product_b": n_products})
    settings = {
        "method": "extended collocation",
        "correlated": "; ".join(f"{stack.names[i]} {stack.names[j]}" for i, j in pairs) or "none",
        "min_samples": min_samples,
        "alpha": alpha,
        "negative": negative,
        "ddof": ddof,
    }
    return describe_collocation(result, stack, options.reference, settings, options.plan)


def extended_estimates(
    cov: np.ndarray,
    *,
    correlated: Sequence[tuple[int, int]] = (),
    names: Sequence[str] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Signal variances and error covariance matrix from the covariances of N products.

    Parameters
    ----------
    cov : numpy.ndarray, shape (N, N, ...)
    correlated : sequence of pairs of positions, optional
    names : sequence of str, optional
        For error messages.

    Returns
    -------
    signal_var : numpy.ndarray, shape (N, ...)
    error_covariance : numpy.ndarray, shape (N, N, ...)
        Signed; zero for the pairs taken as independent.

    Raises
    ------
    ValueError
        If the correlations allowed leave something unidentified.

    Examples
    --------
    >>> import numpy as np
    >>> cov = np.full((4, 4), 2.0) + np.diag([1.0, 2.0, 3.0, 4.0])
    >>> cov[0, 1] = cov[1, 0] = 2.5
    >>> signal, error = extended_estimates(cov, correlated=[(0, 1)])
    >>> signal.tolist(), error[0].tolist()
    ([2.0, 2.0, 2.0, 2.0], [1.0, 0.5, 0.0, 0.0])
    """
    n_products = cov.shape[0]
    labels = list(names) if names is not None else [str(i) for i in range(n_products)]
    pairs = sorted({tuple(sorted(pair)) for pair in correlated})
    triplets = _independent_triplets(n_products, pairs, labels)
    cross = _cross_estimates(n_products, pairs, labels)
    signal = _signal_variances(cov, triplets)
    error = np.zeros_like(cov)
    with np.errstate(divide="ignore", invalid="ignore"):
        for i in range(n_products):
            error[i, i] = cov[i, i] - signal[i]
        for (i, j), partners in cross.items():
            common = sum(cov[i, a] * cov[j, b] / cov[a, b] for a, b in partners) / len(partners)
            error[i, j] = error[j, i] = cov[i, j] - common
    return signal, error


Triplets = dict[int, list[tuple[int, int]]]
CrossEstimates = dict[tuple[int, int], list[tuple[int, int]]]


def _independent_triplets(
    n_products: int, correlated: Sequence[tuple[int, int]], names: Sequence[str]
) -> Triplets:
    """For every product the pairs that form a triplet with it without correlated errors."""
    found: Triplets = {}
    for product in range(n_products):
        others = [k for k in range(n_products) if k != product]
        found[product] = [
            (a, b)
            for a, b in combinations(others, 2)
            if not _any_correlated(((product, a), (product, b), (a, b)), correlated)
        ]
        if not found[product]:
            raise ValueError(
                f"product {names[product]!r} belongs to no triplet of products with independent "
                f"errors (correlated: {[(names[i], names[j]) for i, j in correlated]}): "
                "add a product or allow fewer correlations"
            )
    return found


def _cross_estimates(
    n_products: int, correlated: Sequence[tuple[int, int]], names: Sequence[str]
) -> CrossEstimates:
    """For every correlated pair the partners (a, b) that give its common signal."""
    found: CrossEstimates = {}
    for i, j in correlated:
        others = [k for k in range(n_products) if k not in (i, j)]
        found[i, j] = [
            (a, b)
            for a, b in permutations(others, 2)
            if not _any_correlated(((i, a), (j, b), (a, b)), correlated)
        ]
        if not found[i, j]:
            raise ValueError(
                f"the error covariance of {names[i]!r} and {names[j]!r} cannot be estimated: it "
                "needs two further products with errors independent of theirs and of each other"
            )
    return found


def _any_correlated(
    pairs: Sequence[tuple[int, int]], correlated: Sequence[tuple[int, int]]
) -> bool:
    return any(tuple(sorted(pair)) in correlated for pair in pairs)


def _signal_variances(cov: np.ndarray, triplets: Triplets) -> np.ndarray:
    """Mean of the classical estimates of every product, shape (N, ...)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack(
            [
                sum(cov[i, a] * cov[i, b] / cov[a, b] for a, b in partners) / len(partners)
                for i, partners in triplets.items()
            ]
        )


def _extended_block(
    products: Sequence[np.ndarray],
    correlated: Sequence[tuple[int, int]],
    options: CollocationOptions,
) -> dict[str, np.ndarray]:
    """Everything of one block of pixels, product axes first, pixels last."""
    n_products = len(products)
    moments = joint_moments(products, ddof=options.ddof, engine=options.engine)
    enough = moments.n >= options.min_samples
    cov = np.where(enough, moments.cov, np.nan)
    diagonal = np.arange(n_products)

    def primary(cov: np.ndarray) -> np.ndarray:
        """Own error variance, error variance in units of the reference, and gain."""
        signal, error = extended_estimates(cov, correlated=correlated)
        error = error[diagonal, diagonal]
        with np.errstate(divide="ignore", invalid="ignore"):
            squared = signal[options.reference] / signal
            gain = np.sign(cov[options.reference]) * np.sqrt(squared)
        return np.concatenate((error, squared * error, gain))

    estimate = primary(cov)
    error_own, error, beta = np.split(estimate, 3)
    variance = cov[diagonal, diagonal]
    with np.errstate(divide="ignore", invalid="ignore"):
        result = variance_shares(
            error_var_own=error_own,
            error_var=error,
            fmse=error_own / variance,
            beta=beta,
            variance=variance,
            negative=options.negative,
        )
        signal, covariance = extended_estimates(cov, correlated=correlated)
        covariance[:, :, ~enough] = np.nan
        std = np.sqrt(np.where(error_own > 0.0, error_own, np.nan))
        result["error_correlation"] = covariance / (std[:, None] * std[None, :])
    result["error_covariance"] = covariance
    result["signal_var"] = signal
    if options.plan is not None:
        lower, upper = replicate_statistics(
            products, options.plan, primary, estimate, ddof=options.ddof
        )
        for end, bounds in (("lower", lower), ("upper", upper)):
            result[f"error_var_own_ci_{end}"] = bounds[:n_products]
            result[f"error_var_ci_{end}"] = bounds[n_products : 2 * n_products]
    result["mean"] = np.where(enough, moments.mean, np.nan)
    result["variance"] = variance
    result["n"] = moments.n
    result["status"] = triplet_status(
        moments.cov, error_own, moments.n, min_samples=options.min_samples, alpha=options.alpha
    )
    return result
