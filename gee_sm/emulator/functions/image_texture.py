"""Texture from co-occurrences of grey levels (Haralick 1973; Conners, Trivedi and Harlow 1984)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions import kernel as kernels
from gee_sm.emulator.functions.image_neighbourhood import centre_mask
from gee_sm.emulator.functions.scalar_bands import of_scalars
from gee_sm.emulator.pixels import neighbourhood as nb
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Pick, Shared
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.kernel import FixedKernel, Kernel
from gee_sm.emulator.values.pixel_type import DOUBLE
from gee_sm.emulator.values.reducer import total

METRICS = (
    "asm",
    "contrast",
    "corr",
    "var",
    "idm",
    "savg",
    "svar",
    "sent",
    "ent",
    "dvar",
    "dent",
    "imcorr1",
    "imcorr2",
    "maxcorr",
    "diss",
    "inertia",
    "shade",
    "prom",
)
_STACK_PIXELS = 4_000_000
_LEVELS = 2**31


@implements("Image.glcmTexture")
@of_scalars("image")
def glcm_texture(image: Image, size: int, kernel: Kernel | None, average: bool) -> Image:
    """Return 18 metrics of the co-occurrences around each pixel, for each band."""
    if size < 1:
        raise EarthEngineError(f"The size must be positive, got {size}.")
    offsets = _directions(kernel or kernels.square(1, "pixels", False, 1.0))
    if not offsets:
        raise EarthEngineError("The kernel has no cell besides its centre.")
    bands = []
    for band in image.bands:
        if band.type.precision != "int":
            raise EarthEngineError(
                f"Only 32-bit or smaller integer types are currently supported: band "
                f"'{band.name}' is {band.type.precision}. Cast it, with toInt32() for instance."
            )
        names = [f"{band.name}_{metric}" for metric in METRICS]
        if not average:
            names = [f"{name}_{dx}_{dy}" for dx, dy in offsets for name in names]
        shared = Shared(_metrics(size, offsets, average), (band.source,), (size,) * 4)
        bands += [
            Band(name, DOUBLE, band.projection, Pick(shared, index))
            for index, name in enumerate(names)
        ]
    return replace(image.with_bands(bands), id=None, version=None)


def _directions(kernel: Kernel) -> list[tuple[int, int]]:
    """Return the kernel's offsets row by row, one of each pair of opposite ones."""
    found: list[tuple[int, int]] = []
    for dx, dy, _ in kernel.fixed.offsets():
        if (dx, dy) != (0, 0) and (dx, dy) not in found and (-dx, -dy) not in found:
            found.append((dx, dy))
    return found


def _metrics(size: int, offsets: list[tuple[int, int]], average: bool):
    window = FixedKernel(np.ones((2 * size + 1,) * 2), size, size)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        count = len(METRICS) * (1 if average else len(offsets))
        (tile,) = tiles
        if tile.is_empty:
            return (empty(DOUBLE.dtype),) * count
        values, valid = nb.split(tile, grid.padded(*window.halo).shape)
        values = values.astype(np.int64)
        rows = max(1, _STACK_PIXELS // (grid.width * 2 * window.weights.size))
        strips = []
        for start in range(0, grid.height, rows):
            part = slice(start, min(start + rows, grid.height) + 2 * size)
            strips.append(_strip(values[part], valid[part], size, offsets, average))
        data = np.concatenate([strip[0] for strip in strips], axis=1)
        good = np.concatenate([strip[1] for strip in strips], axis=1)
        centre = centre_mask(tile, window)
        if centre is not None:
            good = good & (centre > 0)
        return tuple(
            Tile(np.where(g, d, 0.0), None if g.all() else g)
            for d, g in zip(data, good, strict=True)
        )

    return function


def _strip(
    values: np.ndarray,
    valid: np.ndarray,
    size: int,
    offsets: list[tuple[int, int]],
    average: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the metrics of some rows and where they exist, along a first axis."""
    found, there = [], []
    for dx, dy in offsets:
        pairs = _Pairs.around(values, valid, size, dx, dy)
        metrics = pairs.metrics()
        found.append(np.stack(metrics))
        there.append(np.broadcast_to(pairs.count > 0, found[-1].shape))
    if not average:
        return np.concatenate(found), np.concatenate(there)
    # A direction without a pair, between gaps, is left out of the mean.
    present = [part.astype(np.float64) for part in there]
    number = total(np.stack(present))
    mean = total(np.stack(found) * np.stack(present)) / np.where(number > 0, number, 1)
    return mean, number > 0


@dataclass(frozen=True)
class _Pairs:
    """The pairs of pixels at one offset inside each pixel's window, each taken in both orders.

    ``first``, ``second`` and ``valid`` have a first axis of the pairs; ``count`` counts the valid
    ones. Relative frequencies are those of Haralick's symmetric matrix.
    """

    first: np.ndarray
    second: np.ndarray
    valid: np.ndarray
    count: np.ndarray

    @classmethod
    def around(cls, values: np.ndarray, valid: np.ndarray, size: int, dx: int, dy: int) -> _Pairs:
        """Gather the pairs."""
        halo = (size,) * 4
        reach = range(-size, size + 1)
        cells = [
            (x, y) for y in reach for x in reach if abs(x + dx) <= size and abs(y + dy) <= size
        ]
        shape = nb.inner(values, halo).shape
        if not cells:
            nothing = np.zeros((0, *shape), np.int64)
            return cls(nothing, nothing, nothing > 0, np.zeros(shape))

        def at(array: np.ndarray, step_x: int, step_y: int) -> np.ndarray:
            return np.stack([nb.shifted(array, halo, x + step_x, y + step_y) for x, y in cells])

        here, there = at(values, 0, 0), at(values, dx, dy)
        good = at(valid, 0, 0) & at(valid, dx, dy)
        count = good.sum(axis=0)
        return cls(here, there, good, count)

    def mean(self, numbers: np.ndarray) -> np.ndarray:
        """Return the mean over the valid pairs, added up in one order."""
        known = np.where(self.count > 0, self.count, 1)
        return total(np.where(self.valid, numbers, 0.0)) / known

    def metrics(self) -> list[np.ndarray]:
        """Return the metrics in the order of ``METRICS``."""
        first, second = self.first.astype(np.float64), self.second.astype(np.float64)
        sums, differences = first + second, np.abs(first - second)
        mean = self.mean(sums / 2)
        variance = self.mean(((first - mean) ** 2 + (second - mean) ** 2) / 2)
        covariance = self.mean((first - mean) * (second - mean))
        correlation = covariance / np.where(variance > 0, variance, 1)
        contrast = self.mean(differences**2)
        dissimilarity = self.mean(differences)
        pair_entropy, energy = self._entropy(
            np.stack([self.first, self.second]), np.stack([self.second, self.first])
        )
        level_entropy, _ = self._entropy(np.stack([self.first, self.second]))
        sum_entropy, _ = self._entropy((self.first + self.second)[None])
        difference_entropy, _ = self._entropy(np.abs(self.first - self.second)[None])
        # The entropies HXY1 and HXY2 of Haralick's f12 and f13 are both twice that of the levels.
        gain = 2 * level_entropy - pair_entropy
        some = level_entropy > 0
        deviation = sums - 2 * mean
        return [
            energy,
            contrast,
            np.where(variance > 0, correlation, 0.0),
            variance,
            self.mean(1 / (1 + differences**2)),
            2 * mean,
            self.mean(deviation**2),
            sum_entropy,
            pair_entropy,
            self.mean((differences - dissimilarity) ** 2),
            difference_entropy,
            np.where(some, -gain / np.where(some, level_entropy, 1), 0.0),
            np.sqrt(np.maximum(1 - np.exp(-2 * gain), 0.0)),
            np.zeros_like(mean),
            dissimilarity,
            contrast,
            self.mean(deviation**3),
            self.mean(deviation**4),
        ]

    def _entropy(
        self, labels: np.ndarray, others: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the entropy in nats, and the sum of squares, of the frequencies of labels.

        ``labels`` has the shape (orders, pairs, rows, columns); with ``others`` two numbers make
        one label.
        """
        keys = labels if others is None else labels * (2 * _LEVELS) + others
        valid = np.broadcast_to(self.valid, keys.shape)
        keys = np.where(valid, keys, np.iinfo(np.int64).max)
        keys = np.sort(keys.reshape(-1, *keys.shape[2:]), axis=0)
        number = self.count * len(labels)
        sizes = _run_lengths(keys)
        inside = np.arange(len(keys)).reshape(-1, 1, 1) < number
        share = np.where(inside, sizes / np.where(number > 0, number, 1), 1.0)
        known = np.where(number > 0, number, 1)
        entropy = -total(np.log(share)) / known
        return entropy, total(np.where(inside, share, 0.0)) / known


def _run_lengths(ordered: np.ndarray) -> np.ndarray:
    """Return, for each element along the first axis, how many are equal to it."""
    count = np.ones(ordered.shape, np.int64)
    for index in range(1, len(ordered)):
        same = ordered[index] == ordered[index - 1]
        count[index] += np.where(same, count[index - 1], 0)
    for index in range(len(ordered) - 2, -1, -1):
        same = ordered[index] == ordered[index + 1]
        count[index] = np.where(same, count[index + 1], count[index])
    return count
