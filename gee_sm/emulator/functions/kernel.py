"""Constructors of kernels and operations on them."""

from __future__ import annotations

import math

import numpy as np

from gee_sm.emulator.coercion import coerce
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.kernel import (
    FixedKernel,
    Kernel,
    centred,
    constant_kernel,
    finished,
    half_width,
)


@implements("Kernel.square")
def square(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return a square of side 2 r + 1."""
    return centred(lambda x, y, r: np.ones_like(x * y), radius, units, normalize, magnitude)


@implements("Kernel.rectangle")
def rectangle(
    xRadius: float, yRadius: float, units: str, normalize: bool, magnitude: float
) -> Kernel:
    """Return a rectangle of sides 2 xRadius + 1 and 2 yRadius + 1."""

    def build(scale: float) -> FixedKernel:
        x, y = half_width(xRadius / scale), half_width(yRadius / scale)
        return FixedKernel(finished(np.ones((2 * y + 1, 2 * x + 1)), normalize, magnitude), x, y)

    return Kernel(build, units)


@implements("Kernel.circle")
def circle(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return the cells within a radius."""
    return centred(
        lambda x, y, r: (x * x + y * y <= r * r) * 1.0, radius, units, normalize, magnitude
    )


@implements("Kernel.diamond")
def diamond(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return the cells within a city-block distance."""
    return centred(
        lambda x, y, r: (abs(x) + abs(y) <= r) * 1.0, radius, units, normalize, magnitude
    )


@implements("Kernel.octagon")
def octagon(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return a square whose corners are cut."""
    return centred(
        lambda x, y, r: (abs(x) + abs(y) <= math.floor(r) + math.floor((r + 1) / 3)) * 1.0,
        radius,
        units,
        normalize,
        magnitude,
    )


@implements("Kernel.plus")
def plus(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return the two axes."""
    return centred(lambda x, y, r: ((x == 0) | (y == 0)) * 1.0, radius, units, normalize, magnitude)


@implements("Kernel.cross")
def cross(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return the two diagonals."""
    return centred(lambda x, y, r: (abs(x) == abs(y)) * 1.0, radius, units, normalize, magnitude)


@implements("Kernel.euclidean")
def euclidean(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return the distance from the focus, in the corners of the square too."""
    return centred(lambda x, y, r: np.hypot(x, y), radius, units, normalize, magnitude)


@implements("Kernel.manhattan")
def manhattan(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return the city-block distance from the focus."""
    return centred(lambda x, y, r: abs(x) + abs(y), radius, units, normalize, magnitude)


@implements("Kernel.chebyshev")
def chebyshev(radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return the chessboard distance from the focus."""
    return centred(lambda x, y, r: np.maximum(abs(x), abs(y)), radius, units, normalize, magnitude)


@implements("Kernel.gaussian")
def gaussian(radius: float, sigma: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """Return a Gaussian; its extent stays below the radius, as recorded from the service."""

    def build(scale: float) -> FixedKernel:
        side = half_width(radius / scale, lambda pixels: math.ceil(pixels) - 1)
        offsets = np.arange(-side, side + 1, dtype=np.float64)
        squared = offsets[None, :] ** 2 + offsets[:, None] ** 2
        weights = np.exp(-squared / (2 * (sigma / scale) ** 2))
        return FixedKernel(finished(weights, normalize, magnitude), side, side)

    return Kernel(build, units)


@implements("Kernel.fixed")
def fixed(
    width: int, height: int, weights: list[list[float]], x: int, y: int, normalize: bool
) -> Kernel:
    """Return given weights, row by row from the top."""
    weights = coerce(weights, "List<List<Float>>", "Kernel.fixed", "weights")
    lengths = {len(row) for row in weights}
    if len(lengths) > 1 or not weights or not weights[0]:
        raise EarthEngineError(
            f"The rows of the kernel must have one length; got {sorted(lengths)}."
        )
    array = np.asarray(weights, np.float64)
    if height not in (-1, array.shape[0]) or width not in (-1, array.shape[1]):
        raise EarthEngineError(
            f"The weights are {array.shape[1]} x {array.shape[0]}, but the kernel was declared "
            f"{width} x {height}."
        )
    x = array.shape[1] // 2 if x == -1 else abs(x)
    y = array.shape[0] // 2 if y == -1 else abs(y)
    return constant_kernel(finished(array, normalize, 1.0), x, y)


_SHAPES = {
    "laplacian4": ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1),
    "laplacian8": ([[1, 1, 1], [1, -8, 1], [1, 1, 1]], 1),
    "sobel": ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], 1),
    "prewitt": ([[1, 0, -1], [1, 0, -1], [1, 0, -1]], 1),
    "kirsch": ([[5, -3, -3], [5, 0, -3], [5, -3, -3]], 1),
    "compass": ([[1, 1, -1], [1, -2, -1], [1, 1, -1]], 1),
    "roberts": ([[1, 0], [0, -1]], 1),
}


def _edge_kernel(name: str, weights: list[list[int]], focus: int) -> None:
    @implements(f"Kernel.{name}")
    def constructor(magnitude: float, normalize: bool) -> Kernel:
        array = finished(np.asarray(weights, np.float64), normalize, magnitude)
        return constant_kernel(array, focus, focus)


for _name, (_weights, _focus) in _SHAPES.items():
    _edge_kernel(_name, _weights, _focus)


@implements("Kernel.rotate")
def rotate(kernel: Kernel, rotations: int) -> Kernel:
    """Turn clockwise by multiples of 90 degrees."""
    source = kernel.fixed
    weights, x, y = source.weights, source.x, source.y
    for _ in range(rotations % 4):
        weights, x, y = np.rot90(weights, -1), weights.shape[0] - 1 - y, x
    return constant_kernel(weights, x, y)


@implements("Kernel.add")
def add(kernel1: Kernel, kernel2: Kernel, normalize: bool) -> Kernel:
    """Add two kernels with their foci on each other."""
    first, second = kernel1.fixed, kernel2.fixed
    halo = np.maximum(first.halo, second.halo)
    total = np.zeros((halo[1] + halo[3] + 1, halo[0] + halo[2] + 1))
    for part in (first, second):
        height, width = part.weights.shape
        top, left = halo[1] - part.y, halo[0] - part.x
        total[top : top + height, left : left + width] += part.weights
    return constant_kernel(finished(total, normalize, 1.0), int(halo[0]), int(halo[1]))


@implements("Kernel.inverse")
def inverse(kernel: Kernel) -> Kernel:
    """Return the inverse of each weight; zeros stay."""
    source = kernel.fixed
    with np.errstate(divide="ignore"):
        weights = np.where(source.weights == 0, 0.0, 1 / source.weights)
    return constant_kernel(weights, source.x, source.y)
