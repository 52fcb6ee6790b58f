"""Sentinel-1 scenes as Earth Engine holds them: slices of passes, in linear power."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
from affine import Affine
from rasterio.warp import transform_geom

from gee_sm.sample.ground import Ground, Places
from gee_sm.sample.noise import Noise
from gee_sm.sample.orbits import Acquisition, RelativeOrbit, swath_window
from gee_sm.sample.random_field import random_stream
from gee_sm.sample.region import CRS, Grid
from gee_sm.sample.sentinel1_forward import (
    Roughness,
    backscatter,
    flat_backscatter_db,
    residual_db,
)
from gee_sm.sample.speckle import speckle

__all__ = ["ASSET_ID", "STORED_BITS", "Sentinel1Scenes"]

ASSET_ID = "COPERNICUS/S1_GRD_FLOAT"
"""Sentinel-1 in linear power; Earth Engine's COPERNICUS/S1_GRD is this in dB."""

STORED_BITS = 5
"""Bits of the power's mantissa that are kept: steps of 3 % under speckle of 48 %."""

_ANGLE_RESOLUTION = 1000.0


class Sentinel1Scenes:
    """Makes the images of each acquisition.

    Parameters
    ----------
    ground : Ground
        The truth.
    places : Places
        The ground on `grid`.
    grid : Grid
        The 10 m grid of the region.
    noise : Noise
        Speckle and residual.
    """

    def __init__(self, ground: Ground, places: Places, grid: Grid, noise: Noise) -> None:
        self._ground = ground
        self._places = places
        self._grid = grid
        self._noise = noise
        self._frozen_db = Roughness(ground.seed).frozen_db(places)
        self._residuals: dict[int, np.ndarray] = {}
        self._angles: dict[int, np.ndarray] = {}

    def clean(self, acquisition: Acquisition) -> np.ndarray:
        """Return sigma0 (linear) without speckle on the whole grid, NaN outside the swath."""
        orbit, places = acquisition.orbit, self._places
        flat_db = self._frozen_db
        if acquisition.thawed:
            ndvi, ndmi = self._ground.open_land_indices(places, acquisition.time)
            flat_db = self._residual(acquisition.time.year) + flat_backscatter_db(
                places,
                self._frozen_db,
                soil_moisture=self._ground.soil_moisture(places, acquisition.time),
                ndvi=ndvi,
                ndmi=ndmi,
                passing=orbit.passing,
            )
        if orbit.number not in self._angles:
            self._angles[orbit.number] = orbit.incidence_angle(places.x, places.y)
        return backscatter(places, flat_db, orbit, self._angles[orbit.number])

    def images(
        self, acquisition: Acquisition, *, with_heading: bool = True
    ) -> Iterator[dict[str, Any]]:
        """Yield the arguments of ``CatalogWriter.add_image`` for each slice of a pass.

        Parameters
        ----------
        acquisition : Acquisition
            The pass.
        with_heading : bool, default True
            False leaves ``platformHeading`` out, as some of Earth Engine's scenes do.
        """
        orbit = acquisition.orbit
        power = self.clean(acquisition)
        power *= speckle(
            random_stream(self._ground.seed, "speckle", acquisition.name),
            power.shape,
            looks=self._noise.looks,
            correlation=self._noise.speckle_correlation,
        )
        slices = orbit.slice_of(self._grid.x, self._grid.y)
        for number in range(orbit.slices):
            rows, columns = swath_window(orbit, number, self._grid)
            window = self._grid.window(rows, columns)
            values = np.where(slices == number, power, np.nan)[rows, columns]
            angle_grid = _coarse_grid(window)
            yield {
                "asset_id": ASSET_ID,
                "index": acquisition.index(number),
                "bands": {
                    "VV": _stored(values),
                    "angle": orbit.incidence_angle(angle_grid.x, angle_grid.y).astype("float32"),
                },
                "crs": CRS,
                "transform": {"VV": window.transform, "angle": angle_grid.transform},
                "properties": _properties(acquisition, number, with_heading=with_heading),
                "time_start": acquisition.slice_time(number),
                "time_end": acquisition.slice_time(number) + timedelta(seconds=25),
                "geometry": transform_geom(
                    CRS, "EPSG:4326", orbit.footprint(number, self._grid.bounds), precision=7
                ),
            }

    def _residual(self, year: int) -> np.ndarray:
        if year not in self._residuals:
            field = residual_db(
                self._ground.seed,
                year,
                std=self._noise.residual_db,
                length=self._noise.residual_length,
            )
            self._residuals[year] = field(self._places.x, self._places.y)
        return self._residuals[year]


def _properties(acquisition: Acquisition, number: int, *, with_heading: bool) -> dict[str, Any]:
    orbit: RelativeOrbit = acquisition.orbit
    properties = {
        "instrument": "C-SAR",
        "instrumentMode": "IW",
        "productType": "GRD",
        "resolution": "H",
        "resolution_meters": 10,
        "transmitterReceiverPolarisation": ["VV", "VH"],
        "orbitProperties_pass": orbit.passing,
        "relativeOrbitNumber_start": orbit.number,
        "relativeOrbitNumber_stop": orbit.number,
        "orbitNumber_start": acquisition.absolute_orbit,
        "orbitNumber_stop": acquisition.absolute_orbit,
        "platform_number": "A",
        "sliceNumber": number + 1,
        "platformHeading": orbit.heading,
    }
    if not with_heading:
        del properties["platformHeading"]
    return properties


def _stored(power: np.ndarray) -> np.ndarray:
    """Return float32 whose mantissa is rounded, so that it compresses."""
    spare = np.uint32(23 - STORED_BITS)
    bits = power.astype(np.float32).view(np.uint32)
    rounded = ((bits + (np.uint32(1) << (spare - np.uint32(1)))) >> spare) << spare
    return np.where(np.isnan(power), np.float32(np.nan), rounded.view(np.float32))


def _coarse_grid(window: Grid) -> Grid:
    """Return the 1 km grid of the angle, a pixel larger on every side than the scene."""
    west, south, east, north = window.bounds
    step = _ANGLE_RESOLUTION
    left, top = (np.floor(west / step) - 1) * step, (np.ceil(north / step) + 1) * step
    shape = (int(np.ceil((top - south) / step)) + 1, int(np.ceil((east - left) / step)) + 1)
    return Grid(CRS, Affine(step, 0, float(left), 0, -step, float(top)), shape)
