"""Integers looked at otherwise: as arrays of bits, and as colours that tell them apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.functions.image_arrays import dimensions_of
from gee_sm.emulator.pixels.source import Masking, Pixelwise
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.image import Band, Image, unique_names
from gee_sm.emulator.values.pixel_type import BOOLEAN, BYTE


@implements("Image.bitsToArrayImage")
def bits_to_array(input: Image) -> Image:
    """Return the bits of each integer, lowest first, up to the highest that is on."""

    def change(band: Band) -> Band:
        if band.type.precision != "int" or band.type.dimensions:
            raise EarthEngineError(f"Band '{band.name}' must hold integers.")
        return Band(
            band.name, dimensions_of(BOOLEAN, 1), band.projection, Masking(_bits, (band.source,))
        )

    return replace(input.map_bands(change), id=None, version=None)


def _bits(tile: Tile) -> Tile:
    values = np.atleast_2d(tile.data).astype(np.int64).view(np.uint64)
    bits = (values[..., None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    lengths = np.where(values > 0, 64 - bits[..., ::-1].argmax(axis=-1), 0)
    bits = bits.astype(BOOLEAN.dtype)
    longest = int(lengths.max(initial=0))
    if lengths.size and (lengths == longest).all():
        return Tile(np.ascontiguousarray(bits[..., :longest]), tile.mask)
    ragged = np.empty(values.shape, object)
    for place, length in np.ndenumerate(lengths):
        ragged[place] = bits[place][:length]
    return Tile(ragged, tile.mask)


@implements("Image.randomVisualizer")
def random_visualizer(image: Image) -> Image:
    """Put three bands of colours, one for each value of the first band, before the others."""
    if not image.bands:
        raise EarthEngineError("The image has no bands.")
    first = image.first_band
    names = unique_names(["viz-red", "viz-green", "viz-blue", *image.names])
    colours = [
        Band(name, BYTE, first.projection, Pixelwise(_byte(part), (first.source,), BYTE.dtype))
        for part, name in enumerate(names[:3])
    ]
    others = [replace(band, name=name) for band, name in zip(image.bands, names[3:], strict=True)]
    return replace(image.with_bands([*colours, *others]), id=None, version=None)


def _byte(part: int):
    """Return one of eight bytes into which values are scattered (splitmix64's finaliser)."""

    def function(values: np.ndarray) -> np.ndarray:
        whole = np.ascontiguousarray(values, np.float64 if values.dtype.kind == "f" else np.int64)
        with np.errstate(over="ignore"):
            state = whole.view(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
        return ((state >> np.uint64(8 * part)) & np.uint64(255)).reshape(np.shape(values))

    return function
