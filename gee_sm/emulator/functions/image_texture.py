"""Texture from co-occurrences of grey levels (Haralick 1973; Conners, Trivedi and Harlow 1984)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

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

# Metrics that are computed together. Entropies sort the pairs of each window and are by far the
# dearest: they are left alone where none of them is asked for.
_GROUPS = (
    (
        "contrast",
        "corr",
        "var",
        "idm",
        "savg",
        "svar",
        "dvar",
        "maxcorr",
        "diss",
        "inertia",
        "shade",
        "prom",
    ),
    ("asm", "ent", "imcorr1", "imcorr2"),
    ("sent",),
    ("dent",),
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
        sources = {}
        endings = [""] if average else [f"_{dx}_{dy}" for dx, dy in offsets]
        for group in _GROUPS:
            shared = Shared(_metrics(group, size, offsets, average), (band.source,), (size,) * 4)
            results = [f"{metric}{ending}" for ending in endings for metric in group]
            sources |= {name: Pick(shared, index) for index, name in enumerate(results)}
        names = [f"{metric}{ending}" for ending in endings for metric in _FORMULAS]
        bands += [
            Band(f"{band.name}_{name}", DOUBLE, band.projection, sources[name]) for name in names
        ]
    return replace(image.with_bands(bands), id=None, version=None)


def _directions(kernel: Kernel) -> list[tuple[int, int]]:
    """Return the kernel's offsets row by row, one of each pair of opposite ones."""
    found: list[tuple[int, int]] = []
    for dx, dy, _ in kernel.fixed.offsets():
        if (dx, dy) != (0, 0) and (dx, dy) not in found and (-dx, -dy) not in found:
            found.append((dx, dy))
    return found


def _metrics(names: tuple[str, ...], size: int, offsets: list[tuple[int, int]], average: bool):
    """Return what computes some metrics of a tile, direction by direction or averaged."""
    window = FixedKernel(np.ones((2 * size + 1,) * 2), size, size)

    def function(grid: Grid, tiles: list[Tile]) -> tuple[Tile, ...]:
        count = len(names) * (1 if average else len(offsets))
        (tile,) = tiles
        if tile.is_empty:
            return (empty(DOUBLE.dtype),) * count
        values, valid = nb.split(tile, grid.padded(*window.halo).shape)
        values = values.astype(np.int64)
        rows = max(1, _STACK_PIXELS // (grid.width * 2 * window.weights.size))
        strips = []
        for start in range(0, grid.height, rows):
            part = slice(start, min(start + rows, grid.height) + 2 * size)
            strips.append(_strip(names, values[part], valid[part], size, offsets, average))
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
    names: tuple[str, ...],
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
        found.append(np.stack([_FORMULAS[name](pairs) for name in names]))
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

    @cached_property
    def sums(self) -> np.ndarray:
        """Sum of the levels of each pair."""
        return self.first.astype(np.float64) + self.second

    @cached_property
    def differences(self) -> np.ndarray:
        """Difference of the levels of each pair, without its sign."""
        return np.abs(self.first.astype(np.float64) - self.second)

    @cached_property
    def level(self) -> np.ndarray:
        """Mean level."""
        return self.mean(self.sums / 2)

    @cached_property
    def variance(self) -> np.ndarray:
        """Variance of the levels."""
        return self.mean(((self.first - self.level) ** 2 + (self.second - self.level) ** 2) / 2)

    @cached_property
    def deviation(self) -> np.ndarray:
        """How far the sum of each pair is from the mean one."""
        return self.sums - 2 * self.level

    @cached_property
    def contrast(self) -> np.ndarray:
        """Mean square difference, also called inertia."""
        return self.mean(self.differences**2)

    @cached_property
    def dissimilarity(self) -> np.ndarray:
        """Mean difference."""
        return self.mean(self.differences)

    @cached_property
    def of_pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Entropy and energy of the pairs."""
        pairs = np.stack([self.first, self.second]), np.stack([self.second, self.first])
        return self._entropy(*pairs)

    @cached_property
    def level_entropy(self) -> np.ndarray:
        """Entropy of the levels.

        HXY1 and HXY2 of Haralick's f12 and f13 are both twice that.
        """
        return self._entropy(np.stack([self.first, self.second]))[0]

    def correlation(self) -> np.ndarray:
        """Return the correlation of the levels of pairs, 0 where they do not vary."""
        covariance = self.mean((self.first - self.level) * (self.second - self.level))
        found = covariance / np.where(self.variance > 0, self.variance, 1)
        return np.where(self.variance > 0, found, 0.0)

    def sum_entropy(self) -> np.ndarray:
        """Return the entropy of the sums."""
        return self._entropy((self.first + self.second)[None])[0]

    def difference_entropy(self) -> np.ndarray:
        """Return the entropy of the differences."""
        return self._entropy(np.abs(self.first - self.second)[None])[0]

    def information(self) -> np.ndarray:
        """Return the first measure of correlation, 0 where there is one level."""
        gain = 2 * self.level_entropy - self.of_pairs[0]
        some = self.level_entropy > 0
        return np.where(some, -gain / np.where(some, self.level_entropy, 1), 0.0)

    def information_2(self) -> np.ndarray:
        """Return the second measure of correlation."""
        gain = 2 * self.level_entropy - self.of_pairs[0]
        return np.sqrt(np.maximum(1 - np.exp(-2 * gain), 0.0))

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


_FORMULAS: dict[str, Callable[[_Pairs], np.ndarray]] = {
    "asm": lambda p: p.of_pairs[1],
    "contrast": lambda p: p.contrast,
    "corr": _Pairs.correlation,
    "var": lambda p: p.variance,
    "idm": lambda p: p.mean(1 / (1 + p.differences**2)),
    "savg": lambda p: 2 * p.level,
    "svar": lambda p: p.mean(p.deviation**2),
    "sent": _Pairs.sum_entropy,
    "ent": lambda p: p.of_pairs[0],
    "dvar": lambda p: p.mean((p.differences - p.dissimilarity) ** 2),
    "dent": _Pairs.difference_entropy,
    "imcorr1": _Pairs.information,
    "imcorr2": _Pairs.information_2,
    "maxcorr": lambda p: np.zeros_like(p.level),
    "diss": lambda p: p.dissimilarity,
    "inertia": lambda p: p.contrast,
    "shade": lambda p: p.mean(p.deviation**3),
    "prom": lambda p: p.mean(p.deviation**4),
}
