"""All scores of an estimate against a reference at once, with intervals and a status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from local_core.metrics import intervals
from local_core.metrics.bootstrap import MOMENT_SCORES, bootstrap_intervals
from local_core.metrics.correlation import correlation_p_value, spearman_from_pairs
from local_core.metrics.deviation import mean_absolute_difference
from local_core.metrics.effective_sample_size import EffectiveSampleSize, effective_sample_size
from local_core.metrics.moments import PairMoments, pair_moments
from local_core.metrics.reduction import reduce_pair
from local_core.metrics.status import STATUS_ATTRS, ScoreStatus

#: Every score, in the order of the tables, with its meaning and whether it has the data's unit
#: (1), its square (2), no unit (0) or is a plain number (None).
SCORES: dict[str, tuple[str, int | None]] = {
    "n": ("number of valid pairs", None),
    "r": ("Pearson correlation", 0),
    "p": ("two-sided p-value of r", 0),
    "spearman_r": ("Spearman rank correlation", 0),
    "spearman_p": ("two-sided p-value of spearman_r", 0),
    "bias": ("mean of estimate minus reference", 1),
    "rmse": ("root mean square difference", 1),
    "ubrmse": ("unbiased root mean square difference", 1),
    "mae": ("mean absolute difference", 1),
    "mse": ("mean square difference", 2),
    "mse_corr": ("part of mse due to imperfect correlation", 2),
    "mse_bias": ("part of mse due to the means", 2),
    "mse_var": ("part of mse due to the standard deviations", 2),
    "r2": ("coefficient of determination", 0),
    "slope": ("slope of estimate on reference", 0),
    "intercept": ("intercept of estimate on reference", 1),
    "n_eff": ("effective number of pairs for r", None),
    "status": ("status of the score", None),
}

#: Scores for which a closed-form interval exists.
ANALYTIC_INTERVALS = ("r", "spearman_r", "bias", "rmse", "ubrmse", "mae")

#: Scores that can be bootstrapped.
BOOTSTRAP_INTERVALS = (*MOMENT_SCORES, "mae", "spearman_r")

IntervalKind = Literal["analytic", "bootstrap"]


def scores(
    estimate: Any,
    reference: Any,
    *,
    dim: str | Sequence[str] | None = None,
    axis: int = -1,
    metrics: Sequence[str] | None = None,
    interval: IntervalKind | None = None,
    confidence: float = 0.95,
    autocorrelation: Literal["none", "ar1"] = "none",
    min_n: int = 10,
    n_boot: int = 1000,
    block_length: int | Literal["auto"] = "auto",
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> Any:
    """Score an estimate against a reference: everything at once, one status per series.

    Bias is estimate minus reference. All divisors are n (``ddof=0``), as in pytesmo. A pair counts
    when both values are finite. Nothing about the data raises: a series with too few pairs or
    without variation has NaN scores and says why in ``status``.

    Parameters
    ----------
    estimate, reference : array_like or xarray.DataArray
        Paired values in one unit, broadcast against each other.
    dim : str or sequence of str, optional
        Dimension(s) to score over, for DataArrays; default ``"time"`` or the only one.
    axis : int
        Axis to score over, for arrays.
    metrics : sequence of str, optional
        Names from :data:`SCORES`; default all. ``n`` and ``status`` are always returned.
    interval : {"analytic", "bootstrap"}, optional
        Adds ``<name>_lower`` and ``<name>_upper``. Closed forms assume normal errors and exist for
        r, spearman_r, bias, rmse, ubrmse and mae; the bootstrap (percentile) serves all scores.
    confidence : float
        Coverage of the intervals.
    autocorrelation : {"none", "ar1"}
        "ar1" replaces n by the effective sample size in p-values and closed-form intervals; needs
        equidistant series (gaps as NaN). The bootstrap has ``block_length`` instead.
    min_n : int
        Fewer valid pairs give NaN and status 1. pytesmo, too, asks for 10.
    n_boot : int
        Bootstrap replicates.
    block_length : int or "auto"
        Bootstrap block in time steps; 1 resamples single pairs, "auto" follows each series'
        memory.
    groups : array_like, shape (pairs,), optional
        Labels, for example stations: the bootstrap then draws whole groups, since the pairs of one
        station are not independent.
    seed : int
        Seed of the bootstrap; results do not depend on chunks.

    Returns
    -------
    dict of str to float or ndarray, or xarray.Dataset
        One entry per score; a Dataset if an input is a DataArray.

    Raises
    ------
    ValueError
        If the inputs cannot be paired or an option is unknown.

    References
    ----------
    Qu et al. (2021), eqs. 12-15; Chang et al. (2022), eqs. 9-11; Gilleland (2010).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.uniform(0.1, 0.4, 200)
    >>> result = scores(truth + 0.02 + rng.normal(0, 0.03, 200), truth, interval="analytic")
    >>> round(result["bias"], 2), result["bias_lower"] < 0.02 < result["bias_upper"]
    (0.02, True)
    >>> scores([0.1, 0.2], [0.1, 0.3])["status"]
    1
    """
    names = _checked_names(metrics)
    with_interval = _names_with_interval(names, interval, confidence)
    if autocorrelation not in ("none", "ar1"):
        raise ValueError(f"autocorrelation must be 'none' or 'ar1', got {autocorrelation!r}")
    if block_length != "auto" and (not isinstance(block_length, int) or block_length < 1):
        raise ValueError(f"block_length must be a positive integer or 'auto', got {block_length!r}")
    codes = None
    if groups is not None:
        if interval != "bootstrap":
            raise ValueError("groups= only serves interval='bootstrap'")
        codes = np.unique(np.asarray(groups).ravel(), return_inverse=True)[1]
    by_blocks = interval == "bootstrap" and groups is None and block_length != 1
    if autocorrelation == "ar1" or by_blocks:
        _check_order(estimate, reference, dim)
    columns = [*names]
    for name in with_interval:
        columns += [f"{name}_lower", f"{name}_upper"]

    def kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        if codes is not None and codes.size != x.shape[-1]:
            raise ValueError(f"{codes.size} group labels for {x.shape[-1]} pairs: give one each")
        m = pair_moments(x, y)
        status = _status(m, min_n)
        size = effective_sample_size(m) if autocorrelation == "ar1" else _full_sample_size(m)
        values = _values(x, y, m, size, names)
        if interval == "analytic":
            bounds = _analytic(m, values, size, with_interval, confidence)
        else:
            bounds = bootstrap_intervals(
                x,
                y,
                m,
                with_interval,
                confidence=confidence,
                n_boot=n_boot,
                block_length=block_length,
                seed=seed,
                groups=codes,
            )
        for name, (lower, upper) in bounds.items():
            values[f"{name}_lower"], values[f"{name}_upper"] = lower, upper
        unscored = np.isin(status, (ScoreStatus.TOO_FEW, ScoreStatus.NO_OVERLAP))
        for name in columns:
            if name not in ("n", "status"):
                values[name] = np.where(unscored, np.nan, values[name])
        values["status"] = status
        return np.stack([values[name] for name in columns], axis=-1)

    result = reduce_pair(kernel, estimate, reference, n_outputs=len(columns), axis=axis, dim=dim)
    if isinstance(result, xr.DataArray):
        return _as_dataset(result, columns, _unit_of(estimate, reference), confidence)
    return _as_dict(result, columns)


def _check_order(estimate: Any, reference: Any, dim: str | Sequence[str] | None) -> None:
    """Raise if dates do not increase: memory and blocks are taken along them."""
    along = "time" if dim is None else dim
    for name, array in (("estimate", estimate), ("reference", reference)):
        if not isinstance(array, xr.DataArray) or not isinstance(along, str):
            continue
        if along in array.indexes and not array.indexes[along].is_monotonic_increasing:
            raise ValueError(
                f"{along!r} of the {name} does not increase, and autocorrelation= and bootstrap "
                f"intervals need it in order: sort it first, with sortby({along!r})"
            )


def _checked_names(metrics: Sequence[str] | None) -> tuple[str, ...]:
    if metrics is None:
        return tuple(SCORES)
    unknown = [name for name in metrics if name not in SCORES]
    if unknown:
        raise ValueError(f"unknown scores {unknown}: choose among {', '.join(SCORES)}")
    return tuple(name for name in SCORES if name in metrics or name in ("n", "status"))


def _names_with_interval(
    names: tuple[str, ...], interval: str | None, confidence: float
) -> tuple[str, ...]:
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence!r}")
    if interval is None:
        return ()
    if interval == "analytic":
        return tuple(name for name in names if name in ANALYTIC_INTERVALS)
    if interval == "bootstrap":
        return tuple(name for name in names if name in BOOTSTRAP_INTERVALS)
    raise ValueError(f"interval must be 'analytic', 'bootstrap' or None, got {interval!r}")


def _full_sample_size(m: PairMoments) -> EffectiveSampleSize:
    n = m.n.astype(np.float64)
    return EffectiveSampleSize(n, n, n)


def _status(m: PairMoments, min_n: int) -> NDArray[np.int64]:
    status = np.full(m.n.shape, int(ScoreStatus.OK))
    status[m.constant_x] = ScoreStatus.CONSTANT_ESTIMATE
    status[m.constant_y] = ScoreStatus.CONSTANT_REFERENCE
    status[m.constant_x & m.constant_y] = ScoreStatus.CONSTANT_BOTH
    status[m.n < min_n] = ScoreStatus.TOO_FEW
    status[m.n == 0] = ScoreStatus.NO_OVERLAP
    return status


def _values(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    m: PairMoments,
    size: EffectiveSampleSize,
    names: tuple[str, ...],
) -> dict[str, NDArray[np.float64]]:
    values: dict[str, NDArray[np.float64]] = {
        name: MOMENT_SCORES[name](m) for name in names if name in MOMENT_SCORES
    }
    values["n"] = m.n.astype(np.float64)
    values["n_eff"] = size.correlation
    if "p" in names:
        r = values["r"] if "r" in values else MOMENT_SCORES["r"](m)
        values["p"] = correlation_p_value(r, size.correlation)
    if "mae" in names:
        values["mae"] = mean_absolute_difference(m)
    if "spearman_r" in names or "spearman_p" in names:
        values["spearman_r"] = spearman_from_pairs(x, y, m)
        values["spearman_p"] = correlation_p_value(values["spearman_r"], size.correlation)
    return values


def _analytic(
    m: PairMoments,
    values: dict[str, NDArray[np.float64]],
    size: EffectiveSampleSize,
    names: tuple[str, ...],
    confidence: float,
) -> dict[str, intervals.Interval]:
    bounds: dict[str, intervals.Interval] = {}
    for name in names:
        if name == "r":
            bound = intervals.pearson_interval(values["r"], size.correlation, confidence=confidence)
        elif name == "spearman_r":
            bound = intervals.spearman_interval(
                values["spearman_r"], size.correlation, confidence=confidence
            )
        elif name == "bias":
            bound = intervals.mean_interval(
                values["bias"], m.var_d, size.mean, confidence=confidence
            )
        elif name == "ubrmse":
            bound = intervals.ubrmse_interval(
                values["ubrmse"], size.variance, confidence=confidence
            )
        elif name == "rmse":
            bias = m.mean_x - m.mean_y
            # The mean's sample size is the smaller of the two: the interval errs to the wide side.
            bound = intervals.rmse_interval(values["rmse"], bias, size.mean, confidence=confidence)
        else:
            mae = values["mae"]
            spread = np.maximum(m.var_d + (m.mean_x - m.mean_y) ** 2 - mae**2, 0.0)
            lower, upper = intervals.mean_interval(mae, spread, size.mean, confidence=confidence)
            bound = (np.maximum(lower, 0.0), upper)
        bounds[name] = bound
    return bounds


def _unit_of(estimate: Any, reference: Any) -> str | None:
    for array in (estimate, reference):
        if isinstance(array, xr.DataArray) and "units" in array.attrs:
            return str(array.attrs["units"])
    return None


def _as_dict(result: NDArray[np.float64], columns: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for k, name in enumerate(columns):
        part = result[..., k]
        if name in ("n", "status"):
            part = part.astype(np.int64)
        out[name] = part if part.ndim else part.item()
    return out


def _as_dataset(
    result: xr.DataArray, columns: list[str], unit: str | None, confidence: float
) -> xr.Dataset:
    variables = {}
    for k, name in enumerate(columns):
        part = result.isel(score=k)
        base = name.removesuffix("_lower").removesuffix("_upper")
        long_name, power = SCORES[base]
        attrs: dict[str, Any] = {"long_name": long_name}
        if base != name:
            end = name.rsplit("_", 1)[1]
            attrs["long_name"] = f"{end} bound of the {confidence:.0%} interval of {long_name}"
        if power == 0:
            attrs["units"] = "1"
        elif power is not None and unit is not None:
            attrs["units"] = unit if power == 1 else f"({unit})2"
        if name == "status":
            part, attrs = part.astype("int8"), dict(STATUS_ATTRS)
        elif name == "n":
            part = part.astype("int64")
        part.attrs = attrs
        variables[name] = part
    return xr.Dataset(variables)
