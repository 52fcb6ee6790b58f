"""Sums, moments and extremes over the pixels around each pixel.

Every sum runs over the kernel's cells in one fixed order, whatever the tile: a map cut into tiles
is the same to the last bit as the map in one piece.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from gee_sm.emulator.deadline import check_deadline
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.values.kernel import FixedKernel

# Products of cell and pixel between two looks at whether the computation is still wanted, which is
# all of most windows. With the widest kernels a window takes many seconds, and is cut into strips;
# each computes the kernel's height too much, so a strip has a few times that.
_PRODUCTS_AT_ONCE = 200_000_000
_KERNELS_A_STRIP = 4


def inner(array: np.ndarray, halo: tuple[int, int, int, int]) -> np.ndarray:
    """Return an array without its halo (left, top, right, bottom)."""
    left, top, right, bottom = halo
    return array[top : array.shape[0] - bottom, left : array.shape[1] - right]


def shifted(array: np.ndarray, halo: tuple[int, int, int, int], dx: int, dy: int) -> np.ndarray:
    """Return, for each inner pixel, the value dx columns to the right and dy rows below."""
    left, top, right, bottom = halo
    height = array.shape[0] - top - bottom
    width = array.shape[1] - left - right
    return array[top + dy : top + dy + height, left + dx : left + dx + width]


def correlate(array: np.ndarray, kernel: FixedKernel) -> np.ndarray:
    """Return the sum of kernel times neighbour, the kernel not mirrored.

    Parameters
    ----------
    array : ndarray, shape (rows, columns)
        Values with the kernel's halo around them.
    kernel : FixedKernel
        Weights.

    Returns
    -------
    ndarray of float64
        Without the halo.
    """
    values = np.ascontiguousarray(array, np.float64)
    left, top, right, bottom = kernel.halo
    rows, columns = np.nonzero(kernel.weights)
    height, width = values.shape[0] - top - bottom, values.shape[1] - left - right
    if not rows.size:
        return np.zeros((height, width))
    # Only the block of cells that are not zero costs anything.
    first, last = (rows.min(), columns.min()), (rows.max() + 1, columns.max() + 1)
    weights = kernel.weights[first[0] : last[0], first[1] : last[1]]
    part = values[
        first[0] : first[0] + height + weights.shape[0] - 1,
        first[1] : first[1] + width + weights.shape[1] - 1,
    ]
    if weights.size == 1:
        return part * weights[0, 0]
    factors = _factors(weights)
    if factors is not None:
        return _along(_along(part, factors[1], 1), factors[0], 0)
    # The kernel's corner, not its middle, is put on each pixel: no border is ever read.
    origin = (-(weights.shape[0] // 2), -(weights.shape[1] // 2))
    found = np.empty((height, width))
    rows_at_once = max(
        _PRODUCTS_AT_ONCE // (weights.size * width), _KERNELS_A_STRIP * weights.shape[0]
    )
    for row in range(0, height, rows_at_once):
        check_deadline()
        strip = part[row : row + rows_at_once + weights.shape[0] - 1]
        target = found[row : row + rows_at_once]
        result = ndimage.correlate(strip, weights, mode="constant", origin=origin)
        target[...] = result[: len(target), :width]
    return found


def _along(values: np.ndarray, weights: np.ndarray, axis: int) -> np.ndarray:
    """Return the weighted sum of ``len(weights)`` neighbours along an axis."""
    count = values.shape[axis] - len(weights) + 1
    found = None
    for offset, weight in enumerate(weights):
        part = values[offset : offset + count] if axis == 0 else values[:, offset : offset + count]
        if found is None:
            found = part * weight
        elif weight == 1:
            found += part
        else:
            found += part * weight
    return found


def _factors(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Split a kernel into a column and a row whose product it is, if it is one exactly."""
    row, column = np.unravel_index(np.abs(weights).argmax(), weights.shape)
    peak = weights[row, column]
    if peak == 0:
        return None
    down, across = weights[:, column] / peak, weights[row, :]
    if np.allclose(down[:, None] * across[None, :], weights, rtol=1e-15, atol=0):
        return down, across
    return None


def split(tile: Tile, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return values (0 where masked) and validity at full shape."""
    valid = tile.valid(shape)
    data = tile.filled(shape)
    if valid.all():
        return data, valid
    return np.where(valid, data, data.dtype.type(0)), valid


def weighted_mean(values: np.ndarray, weights: np.ndarray, kernel: FixedKernel) -> tuple:
    """Return (sum of weights, mean) over the kernel, weights 0 where masked."""
    norm = correlate(weights, kernel)
    mean = correlate(values * weights, kernel) / np.where(norm == 0, 1, norm)
    return norm, mean


def variance(
    values: np.ndarray, weights: np.ndarray, kernel: FixedKernel, *, sample: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return (variance, valid) over the kernel, about each pixel's own mean.

    Kernel weights above 0 count as 1, as the unweighted reducer has it.
    """
    cells = FixedKernel((kernel.weights != 0).astype(np.float64), kernel.x, kernel.y)
    present = (weights > 0).astype(np.float64)
    count, mean = weighted_mean(values, present, cells)
    squares = np.zeros_like(mean)
    for dx, dy, _ in cells.offsets():
        check_deadline()
        deviation = shifted(values, cells.halo, dx, dy) - mean
        squares += shifted(present, cells.halo, dx, dy) * deviation * deviation
    norm = count - 1 if sample else count
    valid = norm > 0
    return squares / np.where(valid, norm, 1), valid


def extreme(
    values: np.ndarray, valid: np.ndarray, kernel: FixedKernel, *, largest: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return (extreme, any valid) over the kernel's cells."""
    operator: Callable[..., np.ndarray] = np.maximum if largest else np.minimum
    if values.dtype.kind == "f":
        outer = -np.inf if largest else np.inf
    else:
        info = np.iinfo(values.dtype)
        outer = info.min if largest else info.max
    candidates = np.where(valid, values, values.dtype.type(outer))
    found = any_valid = None
    for dx, dy, _ in kernel.offsets():
        check_deadline()
        part = shifted(candidates, kernel.halo, dx, dy)
        good = shifted(valid, kernel.halo, dx, dy)
        found = part.copy() if found is None else operator(found, part, out=found)
        any_valid = (
            good.copy() if any_valid is None else np.logical_or(any_valid, good, out=any_valid)
        )
    if found is None or any_valid is None:
        shape = inner(values, kernel.halo).shape
        return np.zeros(shape, values.dtype), np.zeros(shape, bool)
    return np.where(any_valid, found, values.dtype.type(0)), any_valid
