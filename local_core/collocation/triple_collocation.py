"""Triple collocation: random errors of three products without a truth (TC-LSTM 2022, eqs. 5-10)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from local_core.collocation.bootstrap import bounded, replicate_statistics
from local_core.collocation.collocation_dataset import describe_collocation
from local_core.collocation.collocation_options import (
    CollocationOptions,
    collocation_options,
    known_error_correlation,
)
from local_core.collocation.joint_moments import joint_moments, joint_samples
from local_core.collocation.product_stack import stack_products
from local_core.collocation.sigma_test import accept_within_sigma
from local_core.collocation.status import CollocationStatus
from local_core.collocation.triplet_estimates import (
    correlated_pair_covariance,
    triplet_estimates,
    triplet_status,
)
from local_core.collocation.variance_shares import variance_shares

__all__ = ["triple_collocation"]

_LOGGER = logging.getLogger(__name__)
_WITH_INTERVALS = (
    "error_var",
    "error_std",
    "error_var_own",
    "error_std_own",
    "beta",
    "r",
    "fmse",
    "snr_db",
)


def triple_collocation(
    x: np.ndarray | xr.DataArray,
    y: np.ndarray | xr.DataArray,
    z: np.ndarray | xr.DataArray,
    *,
    dim: str = "time",
    names: Sequence[str] | None = None,
    reference: int | str = 0,
    min_samples: int = 30,
    alpha: float = 0.05,
    outlier_sigma: float | None = None,
    negative: str = "nan",
    error_correlation: Mapping[tuple[int | str, int | str], float] | None = None,
    bootstrap: int | None = None,
    block_length: int | None = None,
    confidence: float = 0.95,
    random_state: int | np.random.Generator | None = None,
    ddof: int = 1,
    engine: str = "auto",
) -> xr.Dataset:
    """Error variance, correlation with the truth and signal-to-noise ratio of three products.

    The model is ``x_i = alpha_i + beta_i T + e_i`` with errors independent of each other and of the
    truth ``T`` (eq. 5). Two land models driven by the same weather break it: their common error
    counts as truth, they look better than they are and the third product looks worse.

    Parameters
    ----------
    x, y, z : numpy.ndarray, xarray.DataArray or pandas.Series
        Collocated products. Plain arrays have time last, DataArrays have ``dim`` anywhere; all
        other dimensions (pixels, stations) are treated independently, in parallel where the data
        are dask arrays, with the same result for any chunks. Only dates that all three have, with
        all three values finite, are used. Units may differ.
    dim : str, default "time"
        The dimension to collocate along.
    names : sequence of str, optional
        Names of the products; by default those of the DataArrays.
    reference : int or str, default 0
        Product whose units and dynamic range ``error_var``, ``error_std`` and ``beta`` refer to.
    min_samples : int, default 30
        Fewer joint samples give NaN and the status ``too_few_samples``. Five years of months are
        60; for daily data 100 and more is customary.
    alpha : float, default 0.05
        Level of the two-sided test that every pair of products is correlated (the paper demands
        p < 0.05). The test takes the samples as independent. 0 switches it off.
    outlier_sigma : float, optional
        Reject triplets by the iterated sigma test with this factor (4 is usual). Bootstrap
        replicates are drawn from the accepted triplets.
    negative : {"nan", "clip", "abs"}, default "nan"
        What becomes of derived quantities where an estimated error or signal variance is negative:
        NaN; the variance taken as 0; or its absolute value, as pytesmo does for its SNR.
        ``error_var`` stays signed in every case.
    error_correlation : mapping, optional
        One pair of products with a known error correlation, ``{("gldas", "era5"): 0.4}``; their
        common error is taken out exactly (see
        :func:`~local_core.collocation.triplet_estimates.correlated_pair_covariance`).
    bootstrap : int, optional
        Number of bootstrap replicates; adds ``*_ci_lower`` and ``*_ci_upper`` for every estimate.
    block_length : int, optional
        Length in samples of the runs drawn; 1 draws single samples, as pytesmo does. By default
        twice the cube root of the record length.
    confidence : float, default 0.95
        Coverage of the intervals.
    random_state : int, numpy.random.Generator or None
        Seed of the bootstrap.
    ddof : int, default 1
        Covariances are divided by ``n - ddof``; 0 reproduces KNMI's numbers.
    engine : {"auto", "numba", "numpy"}, default "auto"

    Returns
    -------
    xarray.Dataset
        Over ``product`` and the dimensions of the input without ``dim``:

        ``error_var``, ``error_std``
            error variance (signed) and standard deviation in the units of the reference;
        ``error_var_own``, ``error_std_own``
            the same in each product's own units;
        ``beta``
            factor that brings a product to the dynamic range of the reference;
        ``r``
            correlation with the unknown truth (eq. 10), of the sign of ``beta``;
        ``fmse``
            error share of the variance, ``1 - r²``;
        ``snr_db``
            signal-to-noise ratio in dB, 0 where signal and error variance are equal;
        ``mean``, ``variance``
            of the joint samples, own units;
        ``n``, ``n_rejected``
            joint samples used, and samples rejected by the sigma test;
        ``status``
            :class:`~local_core.collocation.CollocationStatus`. Estimates with a status other than
            ``ok`` are kept where they can be computed: mask them with
            ``result.where(result.status == 0)``.

    Raises
    ------
    ValueError
        If shapes or grids differ, or an option is out of range.

    Notes
    -----
    Against :func:`pytesmo.metrics.tcol_metrics` (0.18): ``beta`` is the same number. ``error_std``
    equals its ``err_std`` up to the sign (there a negative ``beta`` makes it negative). ``snr_db``
    is equal with ``negative="abs"``; otherwise it is NaN where pytesmo's SNR rests on the absolute
    value of a negative variance. pytesmo takes the samples as they are: a NaN gives NaN.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(0.25, 0.05, 20000)
    >>> x, y, z = (gain * truth + rng.normal(0, sd, 20000)
    ...            for gain, sd in ((1.0, 0.02), (0.5, 0.03), (2.0, 0.04)))
    >>> result = triple_collocation(x, y, z)
    >>> result.error_std_own.values.round(2).tolist()
    [0.02, 0.03, 0.04]
    >>> result.beta.values.round(1).tolist()
    [1.0, 2.0, 0.5]
    """
    stack = stack_products((x, y, z), dim=dim, names=names)
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
    pair, correlation = known_error_correlation(stack, error_correlation)

    def kernel(*products: np.ndarray) -> dict[str, np.ndarray]:
        return _collocate_block(
            products, options, outlier_sigma=outlier_sigma, pair=pair, correlation=correlation
        )

    per_product = [*_WITH_INTERVALS, "mean", "variance"]
    if options.plan is not None:
        per_product += bounded(_WITH_INTERVALS)
    outputs: dict[str, tuple[tuple[str, ...], type]] = dict.fromkeys(
        per_product, (("product",), np.float64)
    )
    outputs["n"] = ((), np.int64)
    if outlier_sigma is not None:
        outputs["n_rejected"] = ((), np.int64)
    outputs["status"] = (("product",), np.int8)
    result = stack.apply(kernel, outputs, {"product": 3})
    settings: dict[str, object] = {
        "method": "triple collocation",
        "min_samples": min_samples,
        "alpha": alpha,
        "negative": negative,
        "ddof": ddof,
    }
    if outlier_sigma is not None:
        settings["outlier_sigma"] = outlier_sigma
    if pair is not None:
        settings["error_correlation"] = (
            f"{stack.names[pair[0]]} {stack.names[pair[1]]} {correlation}"
        )
    return describe_collocation(result, stack, options.reference, settings, options.plan)


def _collocate_block(
    products: Sequence[np.ndarray],
    options: CollocationOptions,
    *,
    outlier_sigma: float | None,
    pair: tuple[int, int] | None,
    correlation: float,
) -> dict[str, np.ndarray]:
    """Everything of one block of pixels, product axis first, pixels last."""
    accepted = converged = None
    if outlier_sigma is not None:
        accepted, converged = accept_within_sigma(
            products, outlier_sigma, reference=options.reference, engine=options.engine
        )
    moments = joint_moments(products, accepted=accepted, ddof=options.ddof, engine=options.engine)
    enough = moments.n >= options.min_samples

    def primary(cov: np.ndarray) -> np.ndarray:
        """Signed own error variance, error share and gain: all other numbers follow from them."""
        if pair is not None:
            low, high = min(pair), max(pair)
            common = correlated_pair_covariance(cov, pair, correlation)
            cov = cov.copy()
            cov[low, high] -= common
        found = triplet_estimates(cov, reference=options.reference)
        variance = np.stack([cov[i, i] for i in range(3)])
        with np.errstate(divide="ignore", invalid="ignore"):
            share = found.error_var / variance
            scaled = found.gain**2 * found.error_var
        return np.concatenate((found.error_var, share, found.gain, scaled))

    estimate = np.where(enough, primary(moments.cov), np.nan)
    variance = np.stack([moments.cov[i, i] for i in range(3)])
    status = triplet_status(
        moments.cov, estimate[:3], moments.n, min_samples=options.min_samples, alpha=options.alpha
    )
    result = variance_shares(
        error_var_own=estimate[:3],
        fmse=estimate[3:6],
        beta=estimate[6:9],
        error_var=estimate[9:12],
        variance=np.where(enough, variance, np.nan),
        negative=options.negative,
    )
    if options.plan is not None:
        bounds = replicate_statistics(
            products, options.plan, primary, estimate, accepted=accepted, ddof=options.ddof
        )
        result.update(_bounds(*bounds, beta=result["beta"]))
    if converged is not None:
        result["n_rejected"] = joint_samples(products).sum(axis=-1) - moments.n
        stuck = ~converged & enough
        status[:, stuck] = CollocationStatus.SIGMA_TEST_NOT_CONVERGED
        if stuck.any():
            _LOGGER.warning("the sigma test did not settle in %d series", int(stuck.sum()))
    result["mean"] = np.where(enough, moments.mean, np.nan)
    result["variance"] = np.where(enough, variance, np.nan)
    result["n"] = moments.n
    result["status"] = status
    return result


def _bounds(low: np.ndarray, high: np.ndarray, *, beta: np.ndarray) -> dict[str, np.ndarray]:
    """Bounds of every quantity; those that are monotone functions of another follow from it."""
    found: dict[str, np.ndarray] = {}
    for name, part in (("error_var_own", 0), ("fmse", 3), ("beta", 6), ("error_var", 9)):
        found[f"{name}_ci_lower"] = low[part : part + 3]
        found[f"{name}_ci_upper"] = high[part : part + 3]
    for end, opposite in (("lower", "upper"), ("upper", "lower")):
        for name in ("error_std", "error_std_own"):
            variance = found[f"{name.replace('std', 'var')}_ci_{end}"]
            found[f"{name}_ci_{end}"] = np.sqrt(np.maximum(variance, 0.0))
        share = np.clip(found[f"fmse_ci_{opposite}"], 0.0, 1.0)
        with np.errstate(divide="ignore"):
            found[f"snr_db_ci_{end}"] = 10.0 * np.log10((1.0 - share) / share)
        found[f"r_ci_{end}"] = np.sqrt(1.0 - share)
    weakest, strongest = found["r_ci_lower"], found["r_ci_upper"]
    found["r_ci_lower"] = np.where(beta < 0.0, -strongest, weakest)
    found["r_ci_upper"] = np.where(beta < 0.0, -weakest, strongest)
    return found
