"""Series of images of one grid: one Item, one file a band, one band of the file an image.

A folder an image is right for scenes of many megabytes. Years of daily products on a coarse grid
would be tens of thousands of files, so they share an Item: band k of each GeoTIFF is the band of
image k. Bands are stored one after the other (``INTERLEAVE=BAND``), so reading an image decodes
no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.crs import CRS
from rasterio.io import DatasetWriter, MemoryFile

from gee_sm.emulator.catalog.stored_band import FILE_NAME, StoredBand
from gee_sm.emulator.errors import CatalogError
from gee_sm.emulator.whole_file import replacing

__all__ = [
    "BLOCK_SIZE",
    "DATACUBE_EXTENSION",
    "SERIES_FIELD",
    "SeriesImage",
    "StoredImage",
    "cube_fields",
    "milliseconds",
    "stored_images",
    "write_bands",
]

DATACUBE_EXTENSION = "https://stac-extensions.github.io/datacube/v2.2.0/schema.json"

SERIES_FIELD = "gee:series"
"""Field of an Item's properties that lists the images behind it."""

_PIXELS_AT_ONCE = 1_000_000
"""Pixels of a band that are gathered before they are written: many small writes are slow."""

_ZSTD_LEVEL = 9
"""ZSTD, not DEFLATE: masks and classes of long series are a quarter as large, and faster."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BLOCK_SIZE = 256
"""Side of the tiles in pixels; smaller than of single scenes, as series are read at points."""


@dataclass(frozen=True)
class SeriesImage:
    """One image of a series.

    Parameters
    ----------
    index : str
        Its ``system:index``.
    time_start : datetime
        Start of what it shows; without zone it is UTC.
    time_end : datetime, optional
        End of it.
    properties : mapping, optional
        Image properties that are its own; all images of a series have the same names.
    """

    index: str
    time_start: datetime
    time_end: datetime | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredImage:
    """One image of a series as the reader finds it: band `number` of each file is its own."""

    number: int
    index: str
    properties: dict[str, Any]


def cube_fields(
    images: Sequence[SeriesImage],
    bands: Sequence[StoredBand],
    crs: CRS,
    checked: Callable[[Mapping[str, Any], str], dict[str, Any]],
    where: str,
) -> dict[str, Any]:
    """Return the Item properties that describe a series.

    Parameters
    ----------
    images : sequence of SeriesImage
        In the order of the files' bands.
    bands : sequence of StoredBand
        The bands of the first image; all share one grid.
    crs : rasterio.crs.CRS
        Their system.
    checked : callable
        Turns properties into what JSON knows, or raises.
    where : str
        The series, as messages name it.

    Returns
    -------
    dict
        ``cube:dimensions`` and ``cube:variables`` of the STAC datacube extension, and
        ``gee:series``: index, start and end of each image in milliseconds since 1970 UTC, and
        the images' own properties, each a list.

    Raises
    ------
    CatalogError
        The images cannot make a series; the message says which one and why.
    """
    if not images:
        raise CatalogError(f"{where} has no images: give at least one")
    names = list(images[0].properties)
    seen: set[str] = set()
    for image in images:
        here = f"image {image.index!r} of {where}"
        if FILE_NAME.match(image.index) is None:
            raise CatalogError(f"{here}: an index is made of letters, digits, '_', '-' and '.'")
        if image.index in seen:
            raise CatalogError(f"{here} is given twice: each image has an index of its own")
        seen.add(image.index)
        if list(image.properties) != names:
            raise CatalogError(
                f"{here} has the properties {list(image.properties)}, the first image {names}: "
                "images of a series share their names; use None where there is no value"
            )
        if (image.time_end is None) != (images[0].time_end is None):
            raise CatalogError(f"{here}: give time_end for all images of a series or for none")
        end = image.time_end  # with a zone or without, each by itself
        if end is not None and milliseconds(end) < milliseconds(image.time_start):
            raise CatalogError(f"{here} ends before it starts: exchange time_start and time_end")
    rows = [checked(image.properties, f"image {image.index!r} of {where}") for image in images]
    starts = [milliseconds(image.time_start) for image in images]
    series: dict[str, Any] = {
        "system:index": [image.index for image in images],
        "system:time_start": starts,
    }
    if images[0].time_end is not None:
        series["system:time_end"] = [milliseconds(i.time_end) for i in images if i.time_end]
    series.update({name: [row[name] for row in rows] for name in names})
    times = [
        (_EPOCH + timedelta(milliseconds=t)).isoformat().replace("+00:00", "Z") for t in starts
    ]
    grid, (height, width) = bands[0].transform, bands[0].values.shape
    reference = crs.to_epsg() or crs.to_wkt()
    x = sorted((grid.c, grid.c + grid.a * width))
    y = sorted((grid.f, grid.f + grid.e * height))
    return {
        "cube:dimensions": {
            "time": {"type": "temporal", "extent": [min(times), max(times)], "values": times},
            "y": _axis("y", y, abs(grid.e), reference),
            "x": _axis("x", x, abs(grid.a), reference),
        },
        "cube:variables": {
            band.name: {"dimensions": ["time", "y", "x"], "type": "data"} for band in bands
        },
        SERIES_FIELD: series,
    }


def write_bands(
    folder: Path,
    pixels: Iterable[Mapping[str, np.ndarray]],
    *,
    images: Sequence[SeriesImage],
    first: Sequence[StoredBand],
    checked: Callable[[Mapping[str, np.ndarray]], Sequence[StoredBand]],
    crs: CRS,
    where: str,
) -> None:
    """Write the files of a series as their images come, each complete or not at all.

    What is held in memory is a million pixels of each band and the compressed files.

    Parameters
    ----------
    folder : Path
        Where the files go, ``<band>.tif``.
    pixels : iterable of mapping of str to ndarray
        The bands of the images after the first.
    images : sequence of SeriesImage
        All images.
    first : sequence of StoredBand
        The bands of the first image.
    checked : callable
        Turns the bands of an image into what can be stored, or raises.
    crs : rasterio.crs.CRS
        System of all of them.
    where : str
        The series, as messages name it.

    Raises
    ------
    CatalogError
        There are more or fewer images than announced, or one does not fit the first.
    OSError
        A file cannot be written.
    """
    with ExitStack() as stack:
        memories = [stack.enter_context(MemoryFile()) for _ in first]
        with ExitStack() as open_files:
            files = [
                open_files.enter_context(_create(memory, band, crs, len(images)))
                for memory, band in zip(memories, first, strict=True)
            ]
            rest = iter(pixels)
            at_once = max(1, _PIXELS_AT_ONCE // first[0].values.size)
            waiting: list[list[np.ndarray]] = []
            for number, image in enumerate(images, start=1):
                if number == 1:
                    bands = [band.values for band in first]
                else:
                    following = next(rest, None)
                    if following is None:
                        raise CatalogError(
                            f"{where} has {len(images)} images but pixels of {number - 1} only"
                        )
                    here = f"image {image.index!r} of {where}"
                    bands = _values_like(following, first, checked, here)
                waiting.append(bands)
                if len(waiting) == at_once or number == len(images):
                    numbers = list(range(number - len(waiting) + 1, number + 1))
                    for file, values in zip(files, zip(*waiting, strict=True), strict=True):
                        file.write(np.stack(values), numbers)
                    waiting.clear()
            if next(rest, None) is not None:
                raise CatalogError(f"{where} has {len(images)} images but pixels of more")
        for memory, band in zip(memories, first, strict=True):
            path = folder / f"{band.name}.tif"
            with replacing(path) as partial:
                partial.write_bytes(memory.getbuffer())


def stored_images(properties: Mapping[str, Any]) -> list[StoredImage]:
    """Return the images behind an Item's properties, in the order of the files' bands."""
    series = properties[SERIES_FIELD]
    if not all(isinstance(index, str) for index in series["system:index"]):
        raise TypeError("system:index is not a list of texts")
    names = [name for name in series if name != "system:index"]
    columns = [series[name] for name in names]
    return [
        StoredImage(
            number, index, {n: v for n, v in zip(names, values, strict=True) if v is not None}
        )
        for number, (index, *values) in enumerate(
            zip(series["system:index"], *columns, strict=True), start=1
        )
    ]


def milliseconds(moment: datetime) -> int:
    """Return milliseconds since 1970 UTC; a time without zone is UTC."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return round(moment.timestamp() * 1000)


def _axis(name: str, extent: list[float], step: float, reference: int | str) -> dict[str, Any]:
    return {
        "type": "spatial",
        "axis": name,
        "extent": extent,
        "step": step,
        "reference_system": reference,
    }


def _create(memory: MemoryFile, band: StoredBand, crs: CRS, count: int) -> DatasetWriter:
    height, width = band.values.shape
    return memory.open(
        driver="GTiff",
        height=height,
        width=width,
        count=count,
        dtype=band.values.dtype,
        crs=crs,
        transform=band.transform,
        nodata=band.nodata,
        **_layout(height, width),
        interleave="band",
        compress="ZSTD",
        predictor=3 if band.values.dtype.kind == "f" else 2,
        zstd_level=_ZSTD_LEVEL,
        sparse_ok=True,
    )


def _layout(height: int, width: int) -> dict[str, Any]:
    """Return how an image is cut: a small one not at all, as padding and headers would cost."""
    if max(height, width) <= BLOCK_SIZE:
        return {"tiled": False, "blockysize": height}
    return {"tiled": True, "blockxsize": BLOCK_SIZE, "blockysize": BLOCK_SIZE}


def _values_like(
    bands: Mapping[str, np.ndarray],
    first: Sequence[StoredBand],
    checked: Callable[[Mapping[str, np.ndarray]], Sequence[StoredBand]],
    here: str,
) -> list[np.ndarray]:
    """Return the arrays of an image that is like the first, or raise."""
    plain = list(bands) == [band.name for band in first] and all(
        type(values) is np.ndarray
        and values.dtype == band.values.dtype
        and values.shape == band.values.shape
        for values, band in zip(bands.values(), first, strict=True)
    )
    if plain:
        return list(bands.values())
    found = checked(bands)
    _check_alike(found, first, here)
    return [band.values for band in found]


def _check_alike(bands: Sequence[StoredBand], first: Sequence[StoredBand], here: str) -> None:
    if [band.name for band in bands] != [band.name for band in first]:
        raise CatalogError(
            f"{here} has the bands {[band.name for band in bands]}, the first image "
            f"{[band.name for band in first]}: images of a series have the same bands"
        )
    for band, other in zip(bands, first, strict=True):
        if (band.values.shape, band.values.dtype) != (other.values.shape, other.values.dtype):
            raise CatalogError(
                f"band {band.name!r} of {here} is {band.values.dtype}{band.values.shape}, that of "
                f"the first image {other.values.dtype}{other.values.shape}: give one type and shape"
            )
