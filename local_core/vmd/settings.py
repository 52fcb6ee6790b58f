"""The settings of a decomposition, checked once before any work starts."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from local_core.vmd.annual import annual_alpha
from local_core.vmd.gaps import GAP_POLICIES, GapPolicy
from local_core.vmd.iteration import VMDPY_MAX_ITER, Iteration
from local_core.vmd.starts import Start, start_frequencies

Backend = Literal["auto", "numpy", "numba", "vmdpy"]
BACKENDS: tuple[str, ...] = ("auto", "numpy", "numba", "vmdpy")

DEFAULT_MAX_ITER = 5000
MIN_TIMES = 8


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Arguments of :func:`local_core.vmd.decompose`, which documents them.

    Raises
    ------
    ValueError
        If an argument is out of its range or does not go with another.
    ImportError
        If the backend asked for is not installed.
    """

    n_modes: int
    alpha: float | None
    tau: float
    dc: bool
    init: Start
    tol: float
    max_iter: int | None
    compat: bool
    accelerate: bool
    backend: Backend
    dtype: DTypeLike
    gaps: GapPolicy
    min_valid_fraction: float
    dt_days: float
    n_threads: int | None
    problem: Iteration = field(init=False)

    def __post_init__(self) -> None:
        if self.n_modes < 1 or self.n_modes != int(self.n_modes):
            raise ValueError(f"n_modes={self.n_modes} must be a whole number of at least 1")
        _require_positive("tol", self.tol, unit="share of the energy")
        _require_positive("dt_days", self.dt_days, unit="days")
        if not (np.isfinite(self.tau) and self.tau >= 0):
            raise ValueError(f"tau={self.tau} must be zero (no multiplier) or positive")
        if self.max_iter is not None and self.max_iter < 2:
            raise ValueError(f"max_iter={self.max_iter} must be at least 2 passes")
        if not 0 < self.min_valid_fraction <= 1:
            raise ValueError(
                f"min_valid_fraction={self.min_valid_fraction} must be above 0 and at most 1"
            )
        if self.gaps not in GAP_POLICIES:
            raise ValueError(f"gaps={self.gaps!r} is not a policy; choose one of {GAP_POLICIES}")
        if self.backend not in BACKENDS:
            raise ValueError(f"backend={self.backend!r} is unknown; choose one of {BACKENDS}")
        if np.dtype(self.dtype) not in (np.dtype(np.float32), np.dtype(np.float64)):
            raise ValueError(f"dtype={self.dtype!r} is not supported; choose float64 or float32")
        if self.n_threads is not None and self.n_threads < 1:
            raise ValueError(
                f"n_threads={self.n_threads} must be at least 1, or None for all cores"
            )
        alpha = annual_alpha(self.dt_days) if self.alpha is None else self.alpha
        _require_positive("alpha", alpha, unit="samples squared")
        self._check_backend()
        max_iter = self.max_iter
        if max_iter is None:
            max_iter = VMDPY_MAX_ITER if self.compat else DEFAULT_MAX_ITER
        start = start_frequencies(self.init, n_modes=self.n_modes, dt_days=self.dt_days, dc=self.dc)
        problem = Iteration(
            start=start,
            alpha=float(alpha),
            tau=float(self.tau),
            dc=bool(self.dc),
            tol=float(self.tol),
            max_iter=int(max_iter),
            compat=bool(self.compat),
            # The multiplier has no place in the objective of the descent, nor has it in vmdpy.
            accelerate=bool(self.accelerate) and not self.compat and self.tau == 0,
        )
        object.__setattr__(self, "problem", problem)

    def _check_backend(self) -> None:
        wanted = self.backend
        if wanted in ("numba", "vmdpy") and importlib.util.find_spec(wanted) is None:
            extra = {"numba": "fast", "vmdpy": "vmdpy"}[wanted]
            raise ImportError(
                f"backend={wanted!r} needs the package {wanted}: install gee-sm[{extra}], "
                "or choose backend='numpy'"
            )
        if wanted != "vmdpy":
            return
        if not (self.compat and isinstance(self.init, str) and self.init in ("zero", "uniform")):
            raise ValueError(
                "backend='vmdpy' runs vmdpy itself: pass compat=True (its stop rule and cap) and "
                "init='zero' or init='uniform'"
            )
        if self.max_iter not in (None, VMDPY_MAX_ITER):
            raise ValueError(
                f"max_iter={self.max_iter} cannot be had with backend='vmdpy', whose cap of "
                f"{VMDPY_MAX_ITER} is fixed; leave max_iter out or choose another backend"
            )

    def with_threads(self, n_threads: int) -> Settings:
        """Give the same settings on another number of threads."""
        return replace(self, n_threads=n_threads)

    @property
    def names_annual_mode(self) -> bool:
        """Whether the settings claim that the second lowest mode is annual."""
        return isinstance(self.init, str) and self.init == "annual" and self.n_modes > 1

    @property
    def float_type(self) -> np.dtype:
        """Type of the arithmetic and of the modes."""
        return np.dtype(self.dtype)

    @property
    def engine(self) -> str:
        """Backend that does the work."""
        if self.backend != "auto":
            return self.backend
        from local_core.vmd.kernels import COMPILED

        return "numba" if COMPILED else "numpy"

    @property
    def threads(self) -> int:
        """Number of threads over series."""
        if self.n_threads is not None:
            return self.n_threads
        # Not every system can tell which cores a process may use.
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1


def _require_positive(name: str, value: float, *, unit: str) -> None:
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name}={value} must be a positive number ({unit})")
