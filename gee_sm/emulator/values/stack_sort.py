"""Sorting a stack of layers pixel by pixel."""

from __future__ import annotations

import numpy as np

# Pixels at once: a block of thirty float32 layers stays in a processor's second cache.
_BLOCK = 4096


def sorted_stack(values: np.ndarray) -> np.ndarray:
    """Return ``np.sort(values, axis=0)``, about twice as fast for stacks of many pixels.

    The values of a pixel lie far apart in memory; blocks of pixels are turned so that they lie side
    by side, sorted there, and turned back.
    """
    if values.ndim == 1:
        return np.sort(values)
    layers = values.reshape(len(values), -1)
    found = np.empty_like(layers)
    for start in range(0, layers.shape[1], _BLOCK):
        block = np.ascontiguousarray(layers[:, start : start + _BLOCK].T)
        block.sort(axis=1)
        found[:, start : start + _BLOCK] = block.T
    return found.reshape(values.shape)
