"""A tile: values of one band over a grid, and how valid each pixel is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Mask = np.ndarray | None


@dataclass(frozen=True)
class Tile:
    """Values and mask of one band.

    Attributes
    ----------
    data : ndarray
        Values, broadcastable to the grid's shape (constants keep the shape ``()``); array bands
        have further axes behind rows and columns, or one array an element where lengths differ.
    mask : ndarray or None
        None where every pixel is fully valid; a boolean array; or float32 weights in [0, 1].
        Shape ``()`` stands for the same value everywhere.
    """

    data: np.ndarray
    mask: Mask = None

    @property
    def is_empty(self) -> bool:
        """Whether it is known without looking that no pixel is valid."""
        return self.mask is not None and self.mask.ndim == 0 and not self.mask

    def window(self, rows: slice, columns: slice) -> Tile:
        """Return the part of the tile under the given rows and columns."""
        constant = self.data.ndim < 2 or self.data.shape[:2] == (1, 1)
        data = self.data if constant else self.data[rows, columns]
        mask = self.mask
        if mask is not None and mask.ndim and mask.shape != (1, 1):
            mask = mask[rows, columns]
        return Tile(data, mask)

    def filled(self, shape: tuple[int, int]) -> np.ndarray:
        """Return the values at full shape."""
        if self.data.ndim >= 2 and self.data.shape[:2] == shape:
            return self.data
        return np.broadcast_to(self.data, shape + self.data.shape[2:])

    def weights(self, shape: tuple[int, int]) -> np.ndarray:
        """Return the mask as float32 weights at full shape."""
        if self.mask is None:
            return np.ones(shape, np.float32)
        return np.broadcast_to(self.mask, shape).astype(np.float32)

    def valid(self, shape: tuple[int, int]) -> np.ndarray:
        """Return which pixels are valid, at full shape."""
        if self.mask is None:
            return np.ones(shape, bool)
        return np.broadcast_to(positive(self.mask), shape)


EMPTY_MASK = np.zeros((), bool)


def empty(dtype: np.dtype) -> Tile:
    """Return a tile without a valid pixel."""
    return Tile(np.zeros((), dtype), EMPTY_MASK)


def positive(mask: np.ndarray) -> np.ndarray:
    """Return where a mask is not 0, as booleans."""
    return mask if mask.dtype == bool else mask > 0


def intersect(*masks: Mask) -> Mask:
    """Return the mask of an operator: the smallest of its operands' masks."""
    found: Mask = None
    for mask in masks:
        if mask is None:
            continue
        if found is None:
            found = mask
        elif found.dtype == bool and mask.dtype == bool:
            found = found & mask
        else:
            found = np.minimum(found.astype(np.float32), mask.astype(np.float32))
    return found


def as_mask(values: np.ndarray, valid: Mask) -> Mask:
    """Turn values of a mask image into a mask: clamped to [0, 1], 0 where it is itself masked."""
    if values.dtype.kind in "biu":
        mask = positive(values)
    else:
        mask = values != 0
        if not ((values == 1) | ~mask).all():
            mask = np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0).astype(np.float32)
            if not ((mask > 0) & (mask < 1)).any():
                mask = mask > 0
    if valid is not None:
        present = positive(valid)
        mask = mask & present if mask.dtype == bool else np.where(present, mask, 0)
    mask = np.asarray(mask)
    return None if mask.ndim == 0 and mask == 1 else mask
