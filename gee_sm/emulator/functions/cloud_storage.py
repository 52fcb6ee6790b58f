"""Files of Cloud Storage, for which a folder beside the exports stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from gee_sm.emulator.coercion import NotConvertible, converts
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.geometry import Geometry
from gee_sm.emulator.values.image import Image

_MOST_BYTES = 10_485_760


@dataclass(frozen=True)
class Blob:
    """A file of a bucket."""

    url: str
    path: Path

    type_name = "Blob"

    def to_json(self) -> dict[str, Any]:
        """Return a description."""
        return {"type": "Blob", "url": self.url}


@converts("Blob")
def _blob(value: Any) -> Blob:
    if isinstance(value, Blob):
        return value
    raise NotConvertible


def _file(url: str, context: Any) -> Path:
    # The service's room imports this one when it looks for functions.
    from gee_sm.emulator.service.bucket import bucket_file

    return bucket_file(context.exports / "gcs", url)


@implements("Blob")
def blob(url: str, context: Any) -> Blob:
    """Return the file behind a gs:// URL."""
    return Blob(url, _file(url, context))


@implements("Blob.url")
def blob_url(blob: Blob) -> str:
    """Return the URL of a file."""
    return blob.url


@implements("Blob.string")
def blob_string(blob: Blob, encoding: str | None) -> str:
    """Return what a file holds as text, in UTF-8 unless another encoding is named."""
    if blob.path.stat().st_size > _MOST_BYTES:
        raise EarthEngineError(
            f"The file has {blob.path.stat().st_size} bytes; at most {_MOST_BYTES} can be read."
        )
    try:
        return blob.path.read_text(encoding=encoding or "utf-8")
    except LookupError:
        raise EarthEngineError(f"Unknown encoding '{encoding}'.") from None
    except UnicodeDecodeError as error:
        raise EarthEngineError(
            f"The file is not text in {encoding or 'utf-8'}: byte {error.start} does not fit."
        ) from None


@implements("Image.loadGeoTIFF")
def load_geotiff(uri: str, context: Any) -> Image:
    """Return the image of a GeoTIFF in a bucket."""
    from gee_sm.emulator.service.image_upload import raster_bands

    grid, bands = raster_bands(_file(uri, context))
    footprint = Geometry(shapely.box(*grid.bounds()), grid.lattice.crs, geodesic=False)
    return Image(tuple(bands), footprint=footprint, id=uri)
