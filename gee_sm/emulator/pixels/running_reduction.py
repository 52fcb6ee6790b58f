"""Sums, means, counts and extremes of a stack, layer by layer instead of as one array.

A stack of a month of images as one array, with weights and without its masked pixels, is copied
several times on its way through a reducer; what is wanted is one number a pixel. Where masks are 0
or 1, adding layer to layer gives the same numbers to the last bit, because the sums of
:mod:`gee_sm.emulator.values.reducer` run over the layers in order too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.pixels.zeroing import kept, selected

Result = tuple[np.ndarray, np.ndarray]


def reduced_in_turn(
    kind: str | None, layers: Sequence[Tile], dtype: np.dtype, shape: tuple[int, int]
) -> Result | None:
    """Reduce layers with a built-in reducer.

    Parameters
    ----------
    kind : str or None
        The reducer's kind.
    layers : sequence of Tile
        At least one, none of them empty.
    dtype : dtype
        The type that holds all layers.
    shape : (int, int)
        Rows and columns.

    Returns
    -------
    (ndarray, ndarray of bool) or None
        Value and validity, as the reducer itself gives them; None if this reducer, arrays or
        masks that are fractions need the whole stack.
    """
    function = _KINDS.get(kind or "")
    if function is None or not all(_is_plain(layer) for layer in layers):
        return None
    return function(layers, np.dtype(dtype), shape)


def _is_plain(layer: Tile) -> bool:
    return (
        layer.data.ndim <= 2
        and layer.data.dtype != object
        and (layer.mask is None or layer.mask.dtype == bool)
    )


def _count(layers: Sequence[Tile], shape: tuple[int, int]) -> np.ndarray:
    found = np.zeros(shape, np.int32)
    for layer in layers:
        found += 1 if layer.mask is None else layer.mask
    return found


def _sum(layers: Sequence[Tile], dtype: np.dtype, shape: tuple[int, int]) -> np.ndarray:
    found = np.zeros(shape)
    for layer in layers:
        values = layer.data.astype(dtype, copy=False)
        if layer.mask is None:
            found += values
        else:
            found += kept(values, np.broadcast_to(layer.mask, values.shape or shape))
    return found


def _counted(layers: Sequence[Tile], dtype: np.dtype, shape: tuple[int, int]) -> Result:
    count = _count(layers, shape)
    return count, count > 0


def _summed(layers: Sequence[Tile], dtype: np.dtype, shape: tuple[int, int]) -> Result:
    return _sum(layers, dtype, shape), _count(layers, shape) > 0


def _averaged(layers: Sequence[Tile], dtype: np.dtype, shape: tuple[int, int]) -> Result:
    count = _count(layers, shape)
    return _sum(layers, dtype, shape) / np.maximum(count, 1), count > 0


def _extreme(
    operator: np.ufunc, largest: bool
) -> Callable[[Sequence[Tile], np.dtype, tuple[int, int]], Result]:
    def function(layers: Sequence[Tile], dtype: np.dtype, shape: tuple[int, int]) -> Result:
        if dtype.kind == "f":
            outer = dtype.type(-np.inf if largest else np.inf)
        else:
            outer = dtype.type(np.iinfo(dtype).min if largest else np.iinfo(dtype).max)
        found = np.full(shape, outer)
        for layer in layers:
            values = layer.data.astype(dtype, copy=False)
            if layer.mask is not None:
                masked = ~np.broadcast_to(layer.mask, values.shape or shape)
                values = selected(masked, np.asarray(outer), values)
            operator(found, values, out=found)
        valid = _count(layers, shape) > 0
        return np.where(valid, found, 0), valid

    return function


_KINDS: dict[str, Callable[[Sequence[Tile], np.dtype, tuple[int, int]], Result]] = {
    "count": _counted,
    "sum": _summed,
    "mean": _averaged,
    "max": _extreme(np.maximum, True),
    "min": _extreme(np.minimum, False),
}
