"""The file formats in which pixels are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import Grid
from gee_sm.emulator.service.encoders.npy import npy_bytes
from gee_sm.emulator.service.message import Response
from gee_sm.emulator.service.raster import compute
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

__all__ = ["image_file"]


def image_file(emulator: Emulator, image: Image, grid: Grid, file_format: Any) -> Response:
    """Return an image's pixels over a grid in a file format of the service.

    Raises
    ------
    EarthEngineError
        If there is no such format, or the image does not suit it.
    """
    if file_format == "NPY":
        return Response(200, npy_bytes(compute(image, grid)), _type("application/octet-stream"))
    raise EarthEngineError(f"Invalid image file format '{file_format!s:.40}'.")


def _type(name: str) -> dict[str, str]:
    return {"content-type": name}
