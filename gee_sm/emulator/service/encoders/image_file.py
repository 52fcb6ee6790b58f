"""The file formats in which pixels are answered."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.service.encoders.colours import jpeg_bytes, png_bytes
from gee_sm.emulator.service.encoders.geotiff import geotiff_bytes
from gee_sm.emulator.service.encoders.npy import npy_bytes
from gee_sm.emulator.service.message import Response, attachment
from gee_sm.emulator.service.raster import Raster, compute
from gee_sm.emulator.values.image import Image

__all__ = ["IMAGE_FORMATS", "checked_format", "image_file", "is_colour_format"]

IMAGE_FORMATS = (
    "AUTO_JPEG_PNG",
    "GEO_TIFF",
    "JPEG",
    "NPY",
    "PNG",
    "ZIPPED_GEO_TIFF",
    "ZIPPED_GEO_TIFF_PER_BAND",
)
_COLOUR_FORMATS = frozenset({"AUTO_JPEG_PNG", "JPEG", "PNG"})


def checked_format(name: Any) -> str:
    """Return a request's file format; none stands for PNG.

    Raises
    ------
    EarthEngineError
        If the service, or the emulator, has no such format.
    """
    name = name or "PNG"
    if not isinstance(name, str) or name not in IMAGE_FORMATS:
        raise EarthEngineError(
            f"Invalid image file format '{name!s:.40}'; expected one of {', '.join(IMAGE_FORMATS)}."
        )
    return name


def is_colour_format(name: str) -> bool:
    """Whether a format holds colours rather than data."""
    return name in _COLOUR_FORMATS


def image_file(image: Image, grid: Grid, file_format: str, *, name: str = "download") -> Response:
    """Return an image's pixels over a grid as a file.

    Parameters
    ----------
    image : Image
        The image; of 8 bits for the formats of colours.
    grid : Grid
        Its pixels.
    file_format : str
        One of ``IMAGE_FORMATS``.
    name : str
        What the file, and files within an archive, are called.
    """
    raster = compute(image, grid)
    if file_format == "NPY":
        return _download(npy_bytes(raster), "application/octet-stream", f"{name}.npy")
    if file_format == "GEO_TIFF":
        return _download(geotiff_bytes(raster), "image/tiff", f"{name}.tif")
    if file_format == "ZIPPED_GEO_TIFF":
        return _archive(name, {f"{name}.tif": raster})
    if file_format == "ZIPPED_GEO_TIFF_PER_BAND":
        members = {f"{name}.{part.names[0]}.tif": part for part in _bands(raster)}
        return _archive(name, members)
    if file_format == "JPEG":
        return _file(jpeg_bytes(raster), "image/jpeg")
    # The service picks JPEG for opaque tiles; PNG in its place loses nothing.
    return _file(png_bytes(raster), "image/png")


def _bands(raster: Raster) -> list[Raster]:
    return [
        Raster(raster.grid, [name], [values], [weights])
        for name, values, weights in zip(raster.names, raster.values, raster.weights, strict=True)
    ]


def _archive(name: str, members: dict[str, Raster]) -> Response:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for member, raster in members.items():
            archive.writestr(member, geotiff_bytes(raster))
    return _download(buffer.getvalue(), "application/zip", f"{name}.zip")


def _download(body: bytes, content_type: str, name: str) -> Response:
    """Return data, which browsers store; pictures they show."""
    return Response(200, body, {"content-type": content_type, **attachment(name)})


def _file(body: bytes, content_type: str) -> Response:
    return Response(200, body, {"content-type": content_type})
