"""Kernels: weights around a focus, in pixels or in metres."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid


@dataclass(frozen=True)
class FixedKernel:
    """Weights row by row from the top, with the column ``x`` and row ``y`` of the focus."""

    weights: np.ndarray
    x: int
    y: int

    @property
    def halo(self) -> tuple[int, int, int, int]:
        """Pixels it reaches to the left, top, right and bottom of the focus."""
        height, width = self.weights.shape
        return self.x, self.y, width - 1 - self.x, height - 1 - self.y

    def offsets(self) -> list[tuple[int, int, float]]:
        """Return (dx, dy, weight) of the cells that are not zero, row by row."""
        return [
            (column - self.x, row - self.y, float(self.weights[row, column]))
            for row, column in zip(*np.nonzero(self.weights), strict=True)
        ]


@dataclass(frozen=True)
class Kernel:
    """A kernel whose shape may depend on the pixel size.

    ``build`` returns the fixed kernel for a pixel side in metres.
    """

    build: Callable[[float], FixedKernel]
    units: str = "pixels"

    type_name = "Kernel"

    def on(self, grid: Grid) -> FixedKernel:
        """Return the weights on the pixels of a grid."""
        return self.build(grid.lattice.nominal_scale if self.units == "meters" else 1.0)

    @property
    def fixed(self) -> FixedKernel:
        """The weights of a kernel in pixels."""
        if self.units == "meters":
            raise EarthEngineError("A kernel in meters has no fixed size.")
        return self.build(1.0)

    def to_json(self) -> dict[str, Any]:
        """Return the service's JSON."""
        kernel = self.build(1.0)
        rows = "\n".join(
            "  [" + ", ".join(f"{value:.10g}" for value in row) + "]" for row in kernel.weights
        )
        return {
            "type": "Kernel.fixed",
            "width": kernel.weights.shape[1],
            "height": kernel.weights.shape[0],
            "weights": f"\n{rows}",
            "center": [kernel.x, kernel.y],
            "x": kernel.x,
            "y": kernel.y,
        }


def finished(weights: np.ndarray, normalize: bool, magnitude: float) -> np.ndarray:
    """Normalise to a sum of 1 (0 if any weight is negative), then scale."""
    weights = weights.astype(np.float64)
    if normalize:
        if (weights < 0).any():
            cells = weights != 0
            weights = np.where(cells, weights - weights[cells].sum() / cells.sum(), 0.0)
        elif weights.sum() != 0:
            weights = weights / weights.sum()
    return weights * magnitude


def half_width(radius: float, reach: Callable[[float], int] = math.floor) -> int:
    """Return how many pixels a kernel reaches from its focus.

    Raises
    ------
    EarthEngineError
        If the radius is no number, or the kernel wider than 512 pixels.
    """
    if not math.isfinite(radius):
        raise EarthEngineError(f"The radius of a kernel must be a number, got {radius}.")
    side = max(0, reach(radius))
    if 2 * side + 1 > 512:
        raise EarthEngineError(
            f"The kernel is {2 * side + 1} pixels wide; the largest is 512 pixels."
        )
    return side


def centred(
    shape: Callable[[np.ndarray, np.ndarray, float], np.ndarray],
    radius: float,
    units: str,
    normalize: bool,
    magnitude: float,
    reach: Callable[[float], int] = math.floor,
) -> Kernel:
    """Return a kernel made by a function of the offsets (x, y) and the radius in pixels."""
    if units not in ("pixels", "meters"):
        raise EarthEngineError(f"Unknown kernel units '{units}': must be 'pixels' or 'meters'.")

    def build(scale: float) -> FixedKernel:
        pixels = radius / scale
        side = half_width(pixels, reach)
        offsets = np.arange(-side, side + 1, dtype=np.float64)
        weights = shape(offsets[None, :], offsets[:, None], pixels)
        weights = np.broadcast_to(weights, (2 * side + 1, 2 * side + 1))
        return FixedKernel(finished(weights, normalize, magnitude), side, side)

    return Kernel(build, units)


def constant_kernel(weights: np.ndarray, x: int, y: int) -> Kernel:
    """Return a kernel of given weights."""
    fixed = FixedKernel(np.asarray(weights, np.float64), x, y)
    return Kernel(lambda scale: fixed)


@converts("Kernel")
def _kernel(value: Any) -> Kernel:
    if isinstance(value, Kernel):
        return value
    raise NotConvertible
