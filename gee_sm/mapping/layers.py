"""The layers of a map, pulled tile by tile into their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import ee
import numpy as np
from tqdm.auto import tqdm

from gee_sm.client_calls import RequestTooLargeError, fetch_pixels
from gee_sm.mapping.geotiff import MapWriter
from gee_sm.mapping.output_grid import OutputGrid
from gee_sm.mapping.tiling import Tile, tile_side, tiles_of
from gee_sm.retrieval.status import Status

_FILL = -9999.0
_COUNTS = ("n_thaw", "n_freeze", "n_optical")


@dataclass(frozen=True)
class Layer:
    """One file of a map: the band it holds and how it is written."""

    band: str
    suffix: str
    dtype: str
    description: str
    units: str
    overview: str


LAYERS = (
    Layer("soil_moisture", "", "float32", "volumetric soil moisture (m3 m-3)", "m3 m-3", "average"),
    Layer(
        "standard_error",
        "_standard_error",
        "float32",
        "standard error of soil moisture (m3 m-3)",
        "m3 m-3",
        "average",
    ),
    Layer("status", "_status", "uint8", "why a pixel is masked (0: it is not)", "", "mode"),
)
"""Layers of every map; the suffix stands between the map's name and ``.tif``."""


@dataclass(frozen=True)
class PulledMap:
    """Where the layers of a map are, and how many scenes its pixels rest on.

    Attributes
    ----------
    paths : dict
        File of each layer, by band.
    mean_counts : dict
        Mean of ``n_thaw``, ``n_freeze`` and ``n_optical`` over the valid pixels.
    valid_fraction : float
        Share of the pixels with soil moisture.
    """

    paths: dict[str, Path]
    mean_counts: dict[str, float]
    valid_fraction: float


def pull_map(
    image: ee.Image,
    grid: OutputGrid,
    folder: Path,
    name: str,
    *,
    tags: Mapping[str, str],
    progress: bool = True,
) -> PulledMap:
    """Pull the bands of a soil-moisture image into one file each.

    Parameters
    ----------
    image : ee.Image
        What :func:`gee_sm.retrieval.product.soil_moisture_image` returned.
    grid : OutputGrid
        Pixels of the map.
    folder : Path
        Where the files go.
    name : str
        Name of the map without its ending, such as ``SM_2020_A``.
    tags : mapping
        Written into every file.
    progress : bool
        Whether to show a bar.

    Raises
    ------
    EarthEngineCallError
        If Earth Engine cannot answer.
    MapWriteError
        If a file cannot be written.
    """
    bands = [layer.band for layer in LAYERS] + list(_COUNTS)
    flat = image.select(bands).toFloat().unmask(_FILL, False)
    side = tile_side(4 * len(bands), len(bands))
    tiles = list(tiles_of(*grid.shape, side))
    totals = dict.fromkeys(_COUNTS, 0.0)
    valid_pixels = 0
    paths = {layer.band: folder / f"{name}{layer.suffix}.tif" for layer in LAYERS}
    codes = {f"STATUS_{int(code)}": code.meaning for code in Status}
    with ExitStack() as stack:
        writers = {
            layer.band: stack.enter_context(
                MapWriter(
                    paths[layer.band],
                    grid,
                    dtype=layer.dtype,
                    description=layer.description,
                    units=layer.units,
                    overview=layer.overview,
                    tags={**tags, **(codes if layer.band == "status" else {})},
                )
            )
            for layer in LAYERS
        }
        bar = tqdm(tiles, desc=name, unit="tile", disable=not progress or len(tiles) < 2)
        for tile in bar:
            for part, values in _pull(flat, grid, tile):
                valid = values["status"] == Status.VALID
                for layer in LAYERS:
                    writers[layer.band].write(part, _encoded(values[layer.band], layer))
                for count in _COUNTS:
                    totals[count] += float(values[count][valid].sum(dtype=np.float64))
                valid_pixels += int(valid.sum())
    pixels = grid.height * grid.width
    return PulledMap(
        paths,
        {name: total / max(valid_pixels, 1) for name, total in totals.items()},
        valid_pixels / pixels,
    )


def _pull(image: ee.Image, grid: OutputGrid, tile: Tile) -> Iterable[tuple[Tile, np.ndarray]]:
    """Yield the pixels of a tile, in smaller parts if Earth Engine asks for them."""
    pending = [tile]
    while pending:
        part = pending.pop()
        window = grid.window(part.row, part.column, part.height, part.width)
        try:
            yield part, fetch_pixels(image, window)
        except RequestTooLargeError:
            if part.width * part.height <= 64 * 64:
                raise
            pending.extend(part.halves()[::-1])


def _encoded(values: np.ndarray, layer: Layer) -> np.ndarray:
    missing = values == np.float32(_FILL)
    if layer.dtype == "float32":
        return np.where(missing, np.float32(np.nan), values)
    return np.where(missing, 255, values).astype(layer.dtype)
