"""Decomposition of a block of rows: gaps, spectrum, iteration, order, series again."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from local_core.vmd.gaps import fill_gaps
from local_core.vmd.iteration import Iteration, Outcome
from local_core.vmd.result import VmdResult, VmdStatus
from local_core.vmd.settings import MIN_TIMES, Settings
from local_core.vmd.spectrum import mirrored_spectrum, series_from_spectrum, vmdpy_nyquist_term

# Series in a task. For numpy a few: the temporaries of a pass then stay in the cache. For numba
# enough that starting a task costs nothing, and few enough that its scratch stays small.
_BLOCK = {"numpy": 4, "numba": 16, "vmdpy": 1}


def decompose_array(values: NDArray[np.generic], settings: Settings) -> VmdResult:
    """Decompose an array of shape (..., time)."""
    lead = values.shape[:-1]
    rows = decompose_rows(values.reshape(math.prod(lead), values.shape[-1]), settings)
    return VmdResult(
        **{name: field.reshape(lead + field.shape[1:]) for name, field in vars(rows).items()}
    )


def decompose_rows(rows: NDArray[np.generic], settings: Settings) -> VmdResult:
    """Decompose each row of an array of shape (series, time).

    Raises
    ------
    ValueError
        If the rows are too short, hold infinite values or have gaps the settings refuse.
    """
    rows = _checked(rows, settings)
    n_series, n_times = rows.shape
    n_modes = settings.n_modes
    result = VmdResult(
        # Left empty and filled by the threads: to touch new memory is a good part of the work.
        modes=np.empty((n_series, n_modes, n_times), dtype=settings.float_type),
        center_periods=np.full((n_series, n_modes), np.nan),
        converged=np.zeros(n_series, dtype=bool),
        n_iter=np.zeros(n_series, dtype=np.int32),
        residual=np.empty((n_series, n_times), dtype=settings.float_type),
        status=np.full(n_series, VmdStatus.OK, dtype=np.int8),
    )
    size = _BLOCK[settings.engine]
    blocks = [slice(first, first + size) for first in range(0, n_series, size)]

    def work(block: slice) -> None:
        _decompose_block(rows[block], result, block, settings)

    if settings.threads == 1 or len(blocks) == 1:
        for block in blocks:
            work(block)
    else:
        with ThreadPoolExecutor(settings.threads) as pool:
            list(pool.map(work, blocks))
    return result


def _checked(rows: NDArray[np.generic], settings: Settings) -> NDArray[np.generic]:
    """Refuse what cannot be decomposed, before any work is done."""
    n_times = rows.shape[-1]
    if not np.issubdtype(rows.dtype, np.floating):
        if not (np.issubdtype(rows.dtype, np.integer) or rows.dtype == np.bool_):
            raise ValueError(f"series has dtype {rows.dtype}; expected real numbers")
        rows = rows.astype(np.float64)
    if n_times < max(MIN_TIMES, 2 * settings.n_modes):
        raise ValueError(
            f"series has {n_times} samples in time (last axis); n_modes={settings.n_modes} need at "
            f"least {max(MIN_TIMES, 2 * settings.n_modes)}"
        )
    if settings.compat and n_times % 2:
        raise ValueError(
            f"series has an odd length ({n_times}), which vmdpy cuts by a sample without a word; "
            "with compat=True drop a sample yourself, or use compat=False, which takes any length"
        )
    if np.isinf(rows).any():
        raise ValueError(
            f"series holds {int(np.isinf(rows).sum())} infinite values; set missing samples to NaN"
        )
    if settings.gaps == "raise":
        _refuse_gaps(rows)
    return rows


def _refuse_gaps(rows: NDArray[np.floating]) -> None:
    """Raise if a row misses some of its samples; rows that miss all of them get a status."""
    n_missing = np.isnan(rows).sum(axis=-1)
    gappy = (n_missing > 0) & (n_missing < rows.shape[-1])
    if gappy.any():
        raise ValueError(
            f"{int(gappy.sum())} of {rows.shape[0]} series miss samples "
            f"({int(n_missing[gappy].sum())} in all) and gaps='raise'; fill them first, or choose "
            "gaps='interpolate' or gaps='harmonic'"
        )


def _decompose_block(
    rows: NDArray[np.floating], result: VmdResult, block: slice, settings: Settings
) -> None:
    """Decompose a few rows and write them into ``result[block]``."""
    valid = np.isfinite(rows)
    n_valid = valid.sum(axis=-1)
    status = result.status[block]
    status[n_valid < settings.min_valid_fraction * rows.shape[-1]] = VmdStatus.TOO_FEW_VALID
    status[n_valid == 0] = VmdStatus.NO_DATA
    usable = np.flatnonzero(status == VmdStatus.OK)
    if usable.size < status.size:
        result.modes[block][status != VmdStatus.OK] = np.nan
        result.residual[block][status != VmdStatus.OK] = np.nan
    if usable.size == 0:
        return
    valid = valid[usable]
    filled = fill_gaps(
        rows[usable].astype(settings.float_type, copy=False),
        valid=valid,
        policy=settings.gaps,
        dt_days=settings.dt_days,
    )
    constant = _is_constant(filled)
    if constant.any():
        _write_constant(filled[constant], valid[constant], result, block.start + usable[constant])
        usable, valid, filled = usable[~constant], valid[~constant], filled[~constant]
        if usable.size == 0:
            return
    whole = usable.size == status.size
    modes = result.modes[block] if whole else np.empty_like(result.modes[block][: usable.size])
    outcome = _decomposer(settings)(filled, settings.problem, modes)
    residual = filled - modes.sum(axis=1)
    if not valid.all():
        modes[~np.broadcast_to(valid[:, None], modes.shape)] = np.nan
        residual[~valid] = np.nan
    target = block.start + usable
    if not whole:
        result.modes[target] = modes
    result.residual[target] = residual
    result.n_iter[target] = outcome.n_iter
    result.converged[target] = outcome.converged
    with np.errstate(divide="ignore"):
        result.center_periods[target] = settings.dt_days / outcome.frequencies
    status[usable] = np.where(outcome.converged, VmdStatus.OK, VmdStatus.NOT_CONVERGED)


def _is_constant(filled: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Rows whose samples differ by no more than rounding."""
    size = np.abs(filled).max(axis=-1)
    return np.ptp(filled, axis=-1) <= 8 * np.finfo(filled.dtype).eps * size


def _write_constant(
    filled: NDArray[np.floating],
    valid: NDArray[np.bool_],
    result: VmdResult,
    target: NDArray[np.intp],
) -> None:
    """Give a constant row to its lowest mode (an iteration would divide zero by zero)."""
    result.modes[target] = np.where(valid, 0.0, np.nan)[:, None]
    result.modes[target, -1] = np.where(valid, filled, np.nan)
    result.residual[target] = np.where(valid, 0.0, np.nan)
    result.center_periods[target, -1] = np.inf
    result.converged[target] = True
    result.status[target] = VmdStatus.CONSTANT


Decomposer = Callable[[NDArray[np.floating], Iteration, NDArray[np.floating]], Outcome]


def _decomposer(settings: Settings) -> Decomposer:
    """Function that decomposes rows without gaps and writes their modes in time."""
    # Imported here: numba and vmdpy are optional, and numba takes its time to load.
    if settings.engine == "vmdpy":
        from local_core.vmd.peer_vmdpy import solve

        return solve
    if settings.engine == "numba":
        from local_core.vmd.engine_numba import solve
    else:
        from local_core.vmd.engine_numpy import solve
    return partial(_through_spectrum, solve)


def _through_spectrum(
    solve: Decomposer,
    filled: NDArray[np.floating],
    problem: Iteration,
    modes: NDArray[np.floating],
) -> Outcome:
    """Go to the mirrored spectrum, solve there, and come back in place."""
    outcome = solve(mirrored_spectrum(filled), problem, modes)
    alternating = vmdpy_nyquist_term(modes) if problem.compat else None
    series_from_spectrum(modes, out=modes)
    if alternating is not None:
        modes += alternating
    return outcome
