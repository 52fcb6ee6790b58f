"""Landsat: radiance, reflectance and temperature from counts; a simple cloud score; composites."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import DEFAULT
from gee_sm.emulator.pixels.source import Pick, Pixelwise, Shared
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import BYTE, FLOAT, PixelType
from gee_sm.emulator.values.reducer import quantile, ranked

_NUMBERED = re.compile(r"B(\d+(?:_VCID_\d)?)$")

# Blue, green, red, near infrared, two of short waves, and thermal infrared.
_OLI = ("B2", "B3", "B4", "B5", "B6", "B7", "B10")
_TM = ("B1", "B2", "B3", "B4", "B5", "B7", "B6")
_ETM = ("B1", "B2", "B3", "B4", "B5", "B7", "B6_VCID_1")
_SENSORS = {
    "LANDSAT_4": _TM,
    "LANDSAT_5": _TM,
    "LANDSAT_7": _ETM,
    "LANDSAT_8": _OLI,
    "LANDSAT_9": _OLI,
}
_MASKED_SCORE = 255.0


def _coefficient(image: Image, kind: str, number: str, *, required: bool = True) -> float | None:
    name = f"{kind}_BAND_{number}"
    value = image.properties.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if required:
        raise EarthEngineError(
            f"The image has no number in property '{name}'. The emulator reads coefficients from "
            "the metadata of Collection 2 scenes only."
        )
    return None


def _computed(band: Band, function: Callable[[np.ndarray], np.ndarray]) -> Band:
    """Return a float band of a function of the counts, computed in double precision."""
    source = Pixelwise(
        lambda counts: function(counts.astype(np.float64)), (band.source,), np.float32
    )
    return Band(band.name, FLOAT, band.projection, source)


def _calibrated(image: Image, change: Callable[[Band, str], Band | None]) -> list[Band]:
    """Change the numbered bands; quality bands stay as they are."""
    bands = []
    for band in image.bands:
        numbered = _NUMBERED.match(band.name)
        found = change(band, numbered[1]) if numbered else None
        bands.append(found or band)
    return bands


@implements("Landsat.calibratedRadiance")
def calibrated_radiance(image: Image) -> Image:
    """Return radiance in W m-2 sr-1 um-1: slope times counts plus intercept."""

    def change(band: Band, number: str) -> Band:
        slope = _coefficient(image, "RADIANCE_MULT", number)
        intercept = _coefficient(image, "RADIANCE_ADD", number)
        return _computed(band, lambda counts: slope * counts + intercept)

    return image.with_bands(_calibrated(image, change))


@implements("Landsat.TOA")
def top_of_atmosphere(input: Image) -> Image:
    """Return reflectance, corrected for the sun's height, and brightness temperature in kelvin."""

    def change(band: Band, number: str) -> Band:
        first = _coefficient(input, "K1_CONSTANT", number, required=False)
        if first is not None:
            second = _coefficient(input, "K2_CONSTANT", number)
            slope = _coefficient(input, "RADIANCE_MULT", number)
            intercept = _coefficient(input, "RADIANCE_ADD", number)
            return _computed(
                band,
                lambda counts: second / np.log(first / (slope * counts + intercept) + 1),
            )
        slope = _coefficient(input, "REFLECTANCE_MULT", number)
        intercept = _coefficient(input, "REFLECTANCE_ADD", number)
        height = input.properties.get("SUN_ELEVATION")
        if not isinstance(height, int | float):
            raise EarthEngineError("The image has no number in property 'SUN_ELEVATION'.")
        sine = math.sin(math.radians(height))
        return _computed(band, lambda counts: (slope * counts + intercept) / sine)

    return input.with_bands(_calibrated(input, change))


@implements("Landsat.translateMetadata", "Image.retile")
def unchanged(**arguments: Any) -> Image:
    """Return the image as it is: tiles and old metadata are no concern of the emulator."""
    return arguments.get("input") or arguments["image"]


# -- clouds ---------------------------------------------------------------------------------------


def _cloud_bands(image: Image) -> list[Band]:
    spacecraft = image.properties.get("SPACECRAFT_ID")
    if spacecraft not in _SENSORS:
        raise EarthEngineError(
            f"The image is not a scene of Landsat 4, 5, 7, 8 or 9: its SPACECRAFT_ID is "
            f"{spacecraft!r:.40}."
        )
    return [image.band(name) for name in _SENSORS[spacecraft]]


def _rescaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return (values - low) / (high - low)


def _score(*bands: np.ndarray) -> np.ndarray:
    """Return the likelihood of cloud, 0 to 100, of reflectances and a temperature.

    Clouds are bright in blue, in all visible and in all infrared light, cool, and not snow.
    """
    blue, green, red, near, short, shorter, temperature = (b.astype(np.float64) for b in bands)
    total = green + short
    snow = (green - short) / np.where(total == 0, 1, total)
    score = np.minimum.reduce(
        [
            np.ones_like(blue),
            _rescaled(blue, 0.1, 0.3),
            _rescaled(red + green + blue, 0.2, 0.8),
            _rescaled(near + short + shorter, 0.3, 0.8),
            _rescaled(temperature, 300, 290),
            _rescaled(snow, 0.8, 0.6),
        ]
    )
    return np.floor(100 * np.clip(score, 0, 1))


@implements("Landsat.simpleCloudScore")
def simple_cloud_score(image: Image) -> Image:
    """Add the band 'cloud' to a scene of reflectance and temperature."""
    bands = _cloud_bands(image)
    source = Pixelwise(_score, [band.source for band in bands], BYTE.dtype)
    return image.with_bands([*image.bands, Band("cloud", BYTE, bands[0].projection, source)])


# -- composites -----------------------------------------------------------------------------------


@implements("Landsat.pathRowLimit")
def path_row_limit(
    collection: Collection, maxScenesPerPathRow: int, maxScenesTotal: int
) -> Collection:
    """Keep the scenes with the least CLOUD_COVER of each path and row, and of all."""
    scenes = list(collection)

    def cover(scene: Any) -> float:
        value = scene.properties.get("CLOUD_COVER")
        return float(value) if isinstance(value, int | float) else math.inf

    seen: dict[Any, int] = {}
    kept = []
    for index in sorted(range(len(scenes)), key=lambda i: cover(scenes[i])):
        place = (
            scenes[index].properties.get("WRS_PATH"),
            scenes[index].properties.get("WRS_ROW"),
        )
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= maxScenesPerPathRow and len(kept) < maxScenesTotal:
            kept.append(index)
    return collection.derived([scenes[index] for index in kept])


@implements("Landsat.simpleComposite")
def simple_composite(
    collection: Collection, percentile: int, cloudScoreRange: int, maxDepth: int, asFloat: bool
) -> Image:
    """Return a percentile, band by band, of each pixel's least cloudy scenes."""
    if not 0 <= percentile <= 100:
        raise EarthEngineError(f"The percentile must lie in [0, 100], got {percentile}.")
    scenes = [top_of_atmosphere(scene) for scene in path_row_limit(collection, maxDepth, 2**31)]
    if not scenes:
        return Image(())
    names = [name for name in scenes[0].names if _NUMBERED.match(name)]
    thermal = [f"K1_CONSTANT_BAND_{name[1:]}" in scenes[0].properties for name in names]
    scored = [_cloud_bands(scene) for scene in scenes]
    count = len(scenes)
    wanted = [[scene.band(name) for name in names] for scene in scenes]
    result: PixelType = FLOAT if asFloat else BYTE

    def function(grid: Any, tiles: list[Tile]) -> tuple[Tile, ...]:
        shape = grid.shape
        scores = []
        for index in range(count):
            part = tiles[7 * index : 7 * index + 7]
            good = np.logical_and.reduce([tile.valid(shape) for tile in part])
            values = _score(*(tile.filled(shape) for tile in part))
            scores.append(np.where(good, values, _MASKED_SCORE))
        score = np.stack(scores)
        chosen = (score <= score.min(axis=0) + cloudScoreRange) & (score < _MASKED_SCORE)
        found = []
        for position, is_thermal in enumerate(thermal):
            layers = tiles[7 * count + position :: len(names)]
            values = np.stack([tile.filled(shape) for tile in layers]).astype(np.float64)
            weights = chosen & np.stack([tile.valid(shape) for tile in layers])
            order, number = ranked(values, weights.astype(np.float64))
            value = quantile(order, np.asarray(number), percentile / 100)
            if not asFloat:
                value = value - 100 if is_thermal else value * 255
                value = np.clip(np.rint(value), 0, 255)
            good = np.asarray(number) > 0
            data = np.where(good, value, 0).astype(result.dtype)
            found.append(Tile(data, None if good.all() else good))
        return tuple(found)

    inputs = [band.source for bands in scored for band in bands]
    inputs += [band.source for bands in wanted for band in bands]
    shared = Shared(function, inputs)
    return Image(
        tuple(Band(name, result, DEFAULT, Pick(shared, index)) for index, name in enumerate(names))
    )
