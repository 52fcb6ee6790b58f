"""Pixels as a NumPy file: one structured array with a field per band."""

from __future__ import annotations

import io

import numpy as np

from gee_sm.emulator.service.raster import Raster

__all__ = ["npy_bytes"]


def npy_bytes(raster: Raster) -> bytes:
    """Return a raster as ``.npy``; masked pixels are 0, as ``unmask`` leaves them by default.

    Parameters
    ----------
    raster : Raster
        Bands of any types.
    """
    fields = [
        (name, values.dtype) for name, values in zip(raster.names, raster.values, strict=True)
    ]
    array = np.zeros(raster.grid.shape, np.dtype(fields))
    for name, values, weights in zip(raster.names, raster.values, raster.weights, strict=True):
        np.copyto(array[name], values, where=weights > 0)
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
