"""Sentinel-2 scenes and their cloud scores as Earth Engine holds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from gee_sm.sample.clouds import cloud_cover
from gee_sm.sample.ground import Ground, Places
from gee_sm.sample.noise import Noise
from gee_sm.sample.orbits import THAW_MONTHS
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.region import CRS, Grid
from gee_sm.sample.sentinel2_forward import (
    BANDS,
    Overpass,
    digital_numbers,
    digital_numbers_20m,
    overpasses,
    reflectance,
    scene_classes,
    sees_through,
)

__all__ = ["ASSET_ID", "CLOUD_SCORE_ID", "Sentinel2Scenes", "scenes_of_thaw"]

ASSET_ID = "COPERNICUS/S2_SR_HARMONIZED"
"""Sentinel-2 surface reflectance."""

CLOUD_SCORE_ID = "GOOGLE/CLOUD_SCORE_PLUS/V1/S2_HARMONIZED"
"""Cloud Score+, whose images have the names of the scenes."""

_AROUND = timedelta(days=7)
# Earth Engine's QA60 is empty between these days.
_QA60_GAP = (datetime(2022, 1, 25, tzinfo=UTC), datetime(2024, 2, 28, tzinfo=UTC))


def scenes_of_thaw(year: int) -> list[Overpass]:
    """Return the scenes from a week before the thawing months of a year to a week after."""
    first = datetime(year, THAW_MONTHS[0], 1, tzinfo=UTC) - _AROUND
    last = datetime(year, THAW_MONTHS[-1] + 1, 1, tzinfo=UTC) + _AROUND
    return overpasses(first, last)


class Sentinel2Scenes:
    """Makes the images of each overpass.

    Parameters
    ----------
    ground : Ground
        The truth.
    places : Places
        The ground on `grid`.
    grid, grid_20m, grid_60m : Grid
        Grids of the region at the resolutions of the bands.
    noise : Noise
        Sensor noise.
    """

    def __init__(
        self,
        ground: Ground,
        places: Places,
        *,
        grid: Grid,
        grid_20m: Grid,
        grid_60m: Grid,
        noise: Noise,
    ) -> None:
        self._ground = ground
        self._places = places
        self._grid = grid
        self._grid_20m = grid_20m
        self._grid_60m = grid_60m
        self._noise = noise

    def images(self, overpass: Overpass) -> Iterator[dict[str, Any]]:
        """Yield the arguments of ``CatalogWriter.add_image`` for a scene and its cloud score."""
        ground, places = self._ground, self._places
        cloud = cloud_cover(ground.seed, overpass.number, places.x, places.y)
        ndvi, ndmi = ground.open_land_indices(places, overpass.time)
        seen = sees_through(reflectance(places, ndvi, ndmi), cloud)
        random = random_stream(ground.seed, "reflectance noise", overpass.index)
        noise = self._noise.reflectance
        bands = {
            band: digital_numbers(seen[band], random, noise) for band in BANDS if band != "B11"
        }
        bands["B11"] = digital_numbers_20m(seen["B11"], random, noise)
        bands["SCL"] = scene_classes(places, ndvi, cloud)
        bands["QA60"] = self._cloud_bits(cloud.opacity, overpass.time)
        coarse = {"B11": self._grid_20m, "SCL": self._grid_20m, "QA60": self._grid_60m}
        shared = {"index": overpass.index, "crs": CRS, "time_start": overpass.time}
        yield {
            **shared,
            "asset_id": ASSET_ID,
            "bands": bands,
            "transform": {band: coarse.get(band, self._grid).transform for band in bands},
            "nodata": {band: 65535 if band == "QA60" else 0 for band in bands},
            "pyramiding": {"SCL": "MODE", "QA60": "SAMPLE"},
            "properties": {
                "SPACECRAFT_NAME": overpass.satellite,
                "MGRS_TILE": "46SDA",
                "SENSING_ORBIT_NUMBER": 133,
                "PROCESSING_BASELINE": "02.14",
                "CLOUDY_PIXEL_PERCENTAGE": round(100 * float((cloud.opacity > 0.5).mean()), 3),
            },
        }
        clearness = (np.rint(20 * cloud.clearness) / 20).astype(np.float32)
        yield {
            **shared,
            "asset_id": CLOUD_SCORE_ID,
            "bands": {"cs": clearness, "cs_cdf": np.minimum(clearness * 1.04, 1)},
            "transform": self._grid.transform,
            "properties": {"MGRS_TILE": "46SDA"},
        }

    def _cloud_bits(self, opacity: np.ndarray, time: datetime) -> np.ndarray:
        """Return QA60 at 60 m: bit 10 is opaque cloud."""
        rows, columns = self._grid_60m.shape
        padded = np.zeros((6 * rows, 6 * columns), bool)
        padded[: opacity.shape[0], : opacity.shape[1]] = opacity > 0.5
        cloudy = padded.reshape(rows, 6, columns, 6).mean(axis=(1, 3)) > 0.5
        bits = (cloudy * 1024).astype(np.uint16)
        if _QA60_GAP[0] <= time < _QA60_GAP[1]:
            return np.ma.masked_all(bits.shape, np.uint16)
        return bits
