"""8-bit images as PNG or JPEG."""

from __future__ import annotations

import struct
import warnings
import zlib

import numpy as np
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.raster import Raster

__all__ = ["jpeg_bytes", "png_bytes"]

_GREY, _RGB, _GREY_ALPHA, _RGBA = 0, 2, 4, 6
_JPEG_SIDE = 65_500


def _channels(raster: Raster) -> tuple[np.ndarray, np.ndarray]:
    """Return colours of shape (height, width, 1 or 3) and opacity of shape (height, width)."""
    for name, values in zip(raster.names, raster.values, strict=True):
        if values.dtype != np.uint8:
            raise EarthEngineError(
                f"Band '{name}' is of type {values.dtype}: PNG and JPEG need 8-bit values, as "
                "Image.visualize makes them."
            )
    count = len(raster.values)
    if count not in (1, 3, 4):
        raise EarthEngineError(f"Expected 1, 3 or 4 bands for PNG and JPEG, got {count}.")
    weights = np.minimum.reduce(raster.weights)
    alpha = np.rint(weights * 255).astype(np.uint8)
    if count == 4:
        alpha = np.minimum(alpha, raster.values[3])
    colours = np.stack(raster.values[:3] if count > 1 else raster.values, axis=-1)
    return np.where(alpha[..., None] > 0, colours, 0), alpha


def png_bytes(raster: Raster) -> bytes:
    """Return a raster of 1, 3 or 4 (red, green, blue, alpha) bytes as PNG.

    Masked pixels are transparent; an alpha channel is written only when one of them is.

    Raises
    ------
    EarthEngineError
        If the bands are not of 8 bits, or too many.
    """
    colours, alpha = _channels(raster)
    kind = _GREY if colours.shape[-1] == 1 else _RGB
    if (alpha < 255).any():
        colours = np.concatenate([colours, alpha[..., None]], axis=-1)
        kind = _GREY_ALPHA if kind == _GREY else _RGBA
    height, width = colours.shape[:2]
    lines = np.zeros((height, 1 + width * colours.shape[-1]), np.uint8)  # leading 0: no filter
    lines[:, 1:] = colours.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def jpeg_bytes(raster: Raster) -> bytes:
    """Return a raster of 1 or 3 bytes as JPEG, black where it is masked.

    Raises
    ------
    EarthEngineError
        If the bands are not of 8 bits, too many, or the image too large for the format.
    """
    colours, _ = _channels(raster)
    height, width, count = colours.shape
    if max(height, width) > _JPEG_SIDE:
        raise EarthEngineError(f"A JPEG has at most {_JPEG_SIDE} pixels a side.")
    with MemoryFile() as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # as every JPEG is
        with memory.open(
            driver="JPEG", height=height, width=width, count=count, dtype="uint8", quality=90
        ) as dataset:
            dataset.write(np.moveaxis(colours, -1, 0))
        return memory.read()
