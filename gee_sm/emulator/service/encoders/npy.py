"""Pixels as a NumPy file: one structured array with a field per band."""

from __future__ import annotations

import io

import numpy as np

from gee_sm.emulator.pixels.tile import positive
from gee_sm.emulator.pixels.zeroing import kept
from gee_sm.emulator.service.raster import Raster

__all__ = ["npy_bytes"]


def npy_bytes(raster: Raster) -> bytes:
    """Return a raster as ``.npy``; masked pixels are 0, as ``unmask`` leaves them by default.

    Parameters
    ----------
    raster : Raster
        Bands of any types.
    """
    fields = np.dtype(
        [(name, values.dtype) for name, values in zip(raster.names, raster.values, strict=True)]
    )
    bands = [
        kept(values, positive(weights))
        for values, weights in zip(raster.values, raster.weights, strict=True)
    ]
    if len(bands) == 1:  # the same bytes, under another type
        array = np.ascontiguousarray(bands[0]).view(fields)
    else:
        array = np.empty(raster.grid.shape, fields)
        for name, band in zip(raster.names, bands, strict=True):
            array[name] = band
    buffer = io.BytesIO()
    described = np.lib.format.header_data_from_array_1_0(array)
    try:
        np.lib.format.write_array_header_1_0(buffer, described)
    except ValueError:  # a header of very many bands, or of names beyond Latin 1
        np.save(buffer, array, allow_pickle=False)
        return buffer.getvalue()
    # NumPy would write the pixels to the buffer in pieces, each copied twice.
    return b"".join([buffer.getvalue(), memoryview(array.view(np.uint8))])
