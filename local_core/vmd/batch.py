"""Decomposition of a block of rows: gaps, spectrum, iteration, order, series again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from local_core.vmd import passes_numpy, peer_vmdpy
from local_core.vmd.gaps import fill_gaps
from local_core.vmd.iteration import Iteration, Solution
from local_core.vmd.result import VmdResult, VmdStatus
from local_core.vmd.settings import MIN_TIMES, Settings
from local_core.vmd.spectrum import mirrored_spectrum, series_from_spectrum, vmdpy_nyquist_term

# A few series at a time: the temporaries of a pass stay in the cache, and what a block needs
# beside its modes stays small.
_BLOCK = 4


def decompose_array(values: NDArray[np.generic], settings: Settings) -> VmdResult:
    """Decompose an array of shape (..., time)."""
    rows = decompose_rows(values.reshape(-1, values.shape[-1]), settings)
    lead = values.shape[:-1]
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
        modes=np.full((n_series, n_modes, n_times), np.nan, dtype=settings.float_type),
        center_periods=np.full((n_series, n_modes), np.nan),
        converged=np.zeros(n_series, dtype=bool),
        n_iter=np.zeros(n_series, dtype=np.int32),
        residual=np.full((n_series, n_times), np.nan, dtype=settings.float_type),
        status=np.full(n_series, VmdStatus.OK, dtype=np.int8),
    )
    blocks = [slice(first, first + _BLOCK) for first in range(0, n_series, _BLOCK)]

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
    return rows


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
    if usable.size == 0:
        return
    valid = valid[usable]
    filled = fill_gaps(
        rows[usable].astype(settings.float_type, copy=False),
        valid=valid,
        policy=settings.gaps,
        dt_days=settings.dt_days,
    )
    solution, modes = _solver(settings)(filled, settings.problem)
    modes, frequencies = _highest_first(modes, solution.frequencies)
    varies = np.ptp(filled, axis=-1) > 0
    residual = filled - modes.sum(axis=1)
    modes[~np.broadcast_to(valid[:, None], modes.shape)] = np.nan
    residual[~valid] = np.nan
    target = block.start + usable
    result.modes[target] = modes
    result.residual[target] = residual
    result.n_iter[target] = solution.n_iter
    result.converged[target] = solution.converged
    with np.errstate(divide="ignore"):
        result.center_periods[target] = settings.dt_days / frequencies
    result.status[target] = np.select(
        [~varies, ~solution.converged], [VmdStatus.CONSTANT, VmdStatus.NOT_CONVERGED], VmdStatus.OK
    )


Solver = Callable[[NDArray[np.floating], Iteration], tuple[Solution, NDArray[np.floating]]]


def _solver(settings: Settings) -> Solver:
    """Function that turns filled rows into a solution and the modes in time."""
    if settings.backend == "vmdpy":
        return peer_vmdpy.solve
    return _solve_spectra


def _solve_spectra(
    filled: NDArray[np.floating], problem: Iteration
) -> tuple[Solution, NDArray[np.floating]]:
    spectrum = mirrored_spectrum(filled)
    solution = passes_numpy.iterate(spectrum, problem)
    modes = series_from_spectrum(solution.spectra)
    if problem.compat:
        modes += vmdpy_nyquist_term(solution.spectra)
    return solution, modes


def _highest_first(
    modes: NDArray[np.floating], frequencies: NDArray[np.float64]
) -> tuple[NDArray[np.floating], NDArray[np.float64]]:
    """Order modes by falling centre frequency; of equals, the one started lower comes last."""
    order = np.argsort(frequencies, axis=-1, kind="stable")[:, ::-1]
    return (
        np.take_along_axis(modes, order[..., None], axis=1),
        np.take_along_axis(frequencies, order, axis=1),
    )
