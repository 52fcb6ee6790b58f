"""Sums, means, counts and extremes of a stack of layers, each dropped once it has been added.

A month of images as one array, with its weights and without its masked pixels, is large and copied
several times on the way through a reducer; what is wanted is one number a pixel. So the reduction
is a chain of sources, each of which adds one layer to what the one before it knew. A layer is
computed just before it is added, and beside it the same layer of the other bands, so that few
tiles are ever alive. The numbers are those of :mod:`gee_sm.emulator.values.reducer` to the last
bit: its sums run over the layers in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.pixels.source import Source
from gee_sm.emulator.pixels.tile import Tile, empty
from gee_sm.emulator.pixels.zeroing import kept, selected
from gee_sm.emulator.values.reducer import settled

__all__ = ["RUNNING", "Step", "running_reductions"]

RUNNING = frozenset({"sum", "mean", "count", "min", "max"})
"""Kinds of reducers that need one layer at a time."""

_WEIGHTED = frozenset({"sum", "mean"})
_OPERATORS = {"min": np.minimum, "max": np.maximum}


@dataclass(frozen=True)
class _Known:
    """What a reduction knows: a number a pixel, and the layers or weights it rests on.

    A step changes the arrays in place. It is the only reader of the one before it, on the same
    window.
    """

    value: np.ndarray
    weight: np.ndarray


class Step(Source):
    """The reduction after one more layer.

    Beside it stands the same layer in the reductions of other bands: to be computed while what
    they share with this one is there.
    """

    __slots__ = ("beside", "dtype", "kind")

    def __init__(self, kind: str, dtype: np.dtype, before: Step | None, layer: Source):
        super().__init__((layer,) if before is None else (before, layer))
        self.kind = kind
        self.dtype = dtype
        self.beside: tuple[Step, ...] = ()

    def compute(self, grid: Grid, tiles: list[Tile | _Known | None]) -> _Known:  # type: ignore[override]
        """Add the layer."""
        *before, layer = tiles
        known = before[0] if before else self._nothing(grid.shape)
        return known if layer.is_empty else self._with(known, layer)

    def _nothing(self, shape: tuple[int, int]) -> _Known:
        if self.kind in _OPERATORS:
            value = np.full(shape, self._neutral())
        else:
            value = np.zeros(() if self.kind == "count" else shape)
        return _Known(value, np.zeros(shape, np.int32))

    def _neutral(self) -> np.ndarray:
        """Return what is larger than any minimum, or smaller than any maximum."""
        if self.dtype.kind == "f":
            return np.asarray(np.inf if self.kind == "min" else -np.inf, self.dtype)
        limits = np.iinfo(self.dtype)
        return np.asarray(limits.max if self.kind == "min" else limits.min, self.dtype)

    def _with(self, known: _Known, layer: Tile) -> _Known:
        value, weight, mask = known.value, known.weight, layer.mask
        fraction = mask is not None and mask.dtype != bool
        if fraction and self.kind not in _WEIGHTED:
            mask, fraction = mask > 0, False
        if fraction:
            weight = weight.astype(np.float64, copy=False)
        weight += 1 if mask is None else mask
        if self.kind != "count":
            data = layer.data.astype(self.dtype, copy=False)
            with np.errstate(all="ignore"):
                if self.kind in _OPERATORS:
                    if mask is not None:
                        data = selected(~mask, self._neutral(), data)
                    _OPERATORS[self.kind](value, data, out=value)
                elif fraction:
                    value += kept(data, mask > 0) * mask.astype(np.float32, copy=False)
                else:
                    value += data if mask is None else kept(data, mask)
        return _Known(value, weight)


class _Result(Source):
    """The result of a reduction, after its last layer."""

    __slots__ = ("dtype", "kind")

    def __init__(self, kind: str, dtype: np.dtype, last: Step):
        super().__init__((last,))
        self.kind = kind
        self.dtype = dtype

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        """Return values and validity in the band's type."""
        (known,) = tiles
        valid = known.weight > 0
        if not valid.any():
            return empty(self.dtype)
        value = known.weight if self.kind == "count" else known.value
        if self.kind == "mean":
            value = value / np.where(valid, known.weight, 1)
        return Tile(settled(value, valid, self.dtype), None if valid.all() else valid)


def running_reductions(
    kind: str,
    bands: Sequence[Sequence[Source]],
    dtypes: Sequence[np.dtype],
    results: Sequence[np.dtype],
) -> list[Source]:
    """Return the reduction of each band's layers.

    Parameters
    ----------
    kind : str
        One of :data:`RUNNING`.
    bands : sequence of sequence of Source
        For each band its layers, as many in each, of numbers and not of arrays.
    dtypes : sequence of dtype
        For each band the type that holds all its layers.
    results : sequence of dtype
        For each band the type of the result.
    """
    chains: list[list[Step]] = []
    for layers, dtype in zip(bands, dtypes, strict=True):
        chain: list[Step] = []
        for layer in layers:
            chain.append(Step(kind, np.dtype(dtype), chain[-1] if chain else None, layer))
        chains.append(chain)
    for steps in zip(*chains, strict=True):
        for step in steps:
            step.beside = tuple(other for other in steps if other is not step)
    return [
        _Result(kind, np.dtype(result), chain[-1])
        for chain, result in zip(chains, results, strict=True)
    ]
