"""Writes the sample's scenes: Sentinel-1, Sentinel-2, the surface, stations and their truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.crs import CRS as RasterCRS
from rasterio.warp import Resampling, reproject
from tqdm import tqdm

import gee_sm
from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.catalog.cog import write_cog
from gee_sm.sample import sentinel1_scenes, sentinel2_scenes
from gee_sm.sample.clouds import cloud_cover
from gee_sm.sample.ground import Ground
from gee_sm.sample.land_cover import NOT_RETRIEVABLE, WATER
from gee_sm.sample.noise import Noise
from gee_sm.sample.orbits import FREEZE_MONTHS, ORBITS, THAW_MONTHS, Acquisition, acquisitions
from gee_sm.sample.region import BOUNDS, CRS, geographic_grid, scene_grid
from gee_sm.sample.sentinel1_forward import ANGLE_TREND, COEFFICIENTS, REFERENCE_ANGLE
from gee_sm.sample.sentinel1_scenes import Sentinel1Scenes
from gee_sm.sample.sentinel2_forward import DN_STEP, index_noise, reflectance
from gee_sm.sample.sentinel2_scenes import Sentinel2Scenes, scenes_of_thaw
from gee_sm.sample.static_layers import ELEVATION_ID, elevation_of_scenes
from gee_sm.sample.stations import features, place_stations, series
from gee_sm.sample.truth_folder import (
    FOLDER,
    write_acquisition_truth,
    write_mean_truth,
    write_parameters,
)

__all__ = ["STATIONS_ID", "ScenesWriter"]

STATIONS_ID = "projects/gee-sm/assets/sample_stations"
"""Table of the sample's stations."""

_LAND_COVER_ID = "ESA/WorldCover/v200"
_WORLDCOVER_PIXEL = 1 / 12000


class ScenesWriter:
    """The Sentinel scenes of one sample in the making.

    Parameters
    ----------
    path : Path
        Folder to write into.
    seed : int
        The sample's seed.
    years : tuple of int
        Years of the scenes.
    noise : Noise
        Noise of the sensors.
    """

    def __init__(self, path: Path, seed: int, years: tuple[int, ...], noise: Noise) -> None:
        self.path = path
        self.seed = seed
        self.years = years
        self.noise = noise
        self.grid = scene_grid()
        self.ground = Ground(seed)
        self.places = self.ground.at(self.grid.x, self.grid.y)
        self.stations = place_stations(seed, self.places)
        self.truth = path / FOLDER

    def write(
        self,
        catalog: CatalogWriter,
        *,
        with_terrain: bool,
        scenes_without_heading: int,
        progress: bool,
    ) -> None:
        """Add everything to a catalog, and write the truth."""
        passes = acquisitions(self.years)
        overpasses = [overpass for year in self.years for overpass in scenes_of_thaw(year)]
        bar = tqdm(
            total=len(passes) + len(overpasses) + 2,
            desc="sample",
            unit="scene",
            disable=not progress,
        )
        with bar:
            self._add_surface(catalog, with_terrain=with_terrain)
            bar.update()
            sentinel1 = Sentinel1Scenes(self.ground, self.places, self.grid, self.noise)
            for number, acquisition in enumerate(passes):
                with_heading = number >= scenes_without_heading
                for image in sentinel1.images(acquisition, with_heading=with_heading):
                    catalog.add_image(**image)
                bar.update()
            sentinel2 = Sentinel2Scenes(
                self.ground,
                self.places,
                grid=self.grid,
                grid_20m=scene_grid(20),
                grid_60m=scene_grid(60),
                noise=self.noise,
            )
            for overpass in overpasses:
                for image in sentinel2.images(overpass):
                    catalog.add_image(**image)
                bar.update()
            self._write_truth(passes)
            self._describe(catalog)
            bar.update()

    def _add_surface(self, catalog: CatalogWriter, *, with_terrain: bool) -> None:
        """Add terrain (unless it comes with the wide region), land cover and stations."""
        if with_terrain:
            dem, elevation = elevation_of_scenes(self.ground)
            catalog.add_image(
                ELEVATION_ID,
                bands={"elevation": elevation},
                crs="EPSG:4326",
                transform=dem.transform,
                nodata=-32768,
                time_start=datetime(2000, 2, 11, tzinfo=UTC),
                time_end=datetime(2000, 2, 22, tzinfo=UTC),
            )
            catalog.describe(ELEVATION_ID, title="Elevation, 1 arc-second (synthetic)")
        worldcover = geographic_grid(_WORLDCOVER_PIXEL, margin=0.0)
        classes = np.zeros(worldcover.shape, np.uint8)
        reproject(
            self.places.land_cover,
            classes,
            src_transform=self.grid.transform,
            src_crs=CRS,
            dst_transform=worldcover.transform,
            dst_crs="EPSG:4326",
            dst_nodata=0,
            resampling=Resampling.nearest,
        )
        catalog.add_image(
            _LAND_COVER_ID,
            "2021",
            bands={"Map": classes},
            crs="EPSG:4326",
            transform=worldcover.transform,
            nodata=0,
            pyramiding={"Map": "MODE"},
            time_start=datetime(2021, 1, 1, tzinfo=UTC),
            time_end=datetime(2022, 1, 1, tzinfo=UTC),
        )
        catalog.add_table(STATIONS_ID, features(self.stations))

    def _write_truth(self, passes: Sequence[Acquisition]) -> None:
        """Write soil moisture, swaths, stations and every parameter."""
        swaths = {orbit.name: orbit.swath(self.grid.x, self.grid.y) for orbit in ORBITS}
        for name, swath in swaths.items():
            self._write_mask(f"swath_{name}.tif", swath)
        self._write_mask("retrievable.tif", self.places.retrievable)
        water = self.places.land_cover == WATER
        members = defaultdict(list)
        records = []
        for acquisition in passes:
            record = {
                "name": acquisition.name,
                "time": acquisition.time.isoformat(),
                "orbit": acquisition.orbit.name,
                "season": "thaw" if acquisition.thawed else "freeze",
                "images": [acquisition.index(n) for n in range(acquisition.orbit.slices)],
                "truth": None,
            }
            if acquisition.thawed:
                moisture = self.ground.soil_moisture(self.places, acquisition.time)
                moisture = np.where(water, np.nan, moisture).astype(np.float32)
                record["truth"] = write_acquisition_truth(
                    self.truth, acquisition, moisture, self.grid
                )
                for period in ("%Y", "%Y_%m"):
                    name = f"SM_{acquisition.time:{period}}_{acquisition.orbit.letter}.tif"
                    members[name].append((moisture, swaths[acquisition.orbit.name]))
            records.append(record)
        for name, pairs in members.items():
            write_mean_truth(self.truth, name, *map(list, zip(*pairs, strict=True)), self.grid)
        self._write_stations()
        write_parameters(self.truth, self._parameters(records))

    def _write_mask(self, name: str, mask: np.ndarray) -> None:
        write_cog(
            self.truth / name,
            mask.astype(np.uint8),
            crs=RasterCRS.from_user_input(CRS),
            transform=self.grid.transform,
            nodata=None,
            overviews=False,
        )

    def _write_stations(self) -> None:
        times = [
            datetime(year, THAW_MONTHS[0], 1, tzinfo=UTC) + timedelta(hours=6 * step)
            for year in self.years
            for step in range(4 * 62)
        ]
        table = series(self.ground, self.stations, times, noise=self.noise.station)
        table.to_csv(self.truth / "stations.csv", index=False, float_format="%.7g")

    def _parameters(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "description": (
                "Soil moisture in m3 m-3 behind the scenes of this folder. SM_<day>_<orbit>.tif: "
                "at one acquisition; SM_<year>[_<month>]_<pass>.tif: mean of the acquisitions "
                "whose swath covers a pixel. Water has none; retrievable.tif is 1 where the land "
                "cover lets backscatter tell soil moisture; swath_<orbit>.tif is 1 where an orbit "
                "sees the ground; stations.csv holds what the stations record and their truth."
            ),
            "version": gee_sm.__version__,
            "seed": self.seed,
            "years": list(self.years),
            "months": {"thaw": list(THAW_MONTHS), "freeze": list(FREEZE_MONTHS)},
            "region": list(BOUNDS),
            "crs": CRS,
            "transform": list(self.grid.transform)[:6],
            "shape": list(self.grid.shape),
            "coefficients": {passing[0]: vars(k) for passing, k in COEFFICIENTS.items()},
            "reference_angle": REFERENCE_ANGLE,
            "angle_trend_db_per_degree": {p[0]: trend for p, trend in ANGLE_TREND.items()},
            "slope_model": "volume (Vollrath et al. 2020)",
            "not_retrievable_land_cover": list(NOT_RETRIEVABLE),
            "noise": self.noise.to_json(),
            "noise_sources": {
                "speckle": "gamma noise of `looks` looks on each 10 m pixel of each scene",
                "residual": (
                    "change of backscatter from winter to summer that is neither moisture nor "
                    "vegetation: `residual_db`, correlated over `residual_length` metres, one "
                    "field a year for all passes"
                ),
                "optical": (
                    "`reflectance` on each pixel of each band of Sentinel-2, and digital numbers "
                    f"in steps of {DN_STEP}"
                ),
                "stations": "`station` in m3 m-3 on each reading",
                "storage": (
                    f"power with {sentinel1_scenes.STORED_BITS} bits of mantissa, elevation in "
                    "whole metres, truth in steps of 1/2048 m3 m-3"
                ),
            },
            "optical": self._optical(),
            "orbits": {
                orbit.name: {
                    "relative_orbit": orbit.number,
                    "pass": orbit.passing,
                    "heading": orbit.heading,
                    "centre_angle": orbit.centre_angle,
                    "slices": orbit.slices,
                }
                for orbit in ORBITS
            },
            "acquisitions": records,
            "stations": [vars(station) for station in self.stations],
        }

    def _optical(self) -> dict[str, Any]:
        """Return the optical noise of one pixel and scene, and how many clear looks there are."""
        places = self.places
        middle = datetime(self.years[0], 8, 1, tzinfo=UTC)
        clear = reflectance(places, *self.ground.open_land_indices(places, middle))
        parts = {
            passing[0]: [
                float(np.sqrt(np.mean(part[places.retrievable] ** 2)))
                for part in index_noise(clear, k.b, k.c, self.noise.reflectance)
            ]
            for passing, k in COEFFICIENTS.items()
        }
        looks = {}
        for year in self.years:
            clouds = (
                cloud_cover(self.seed, overpass.number, places.x, places.y)
                for overpass in scenes_of_thaw(year)
            )
            looks[str(year)] = sum(float((~(c.cloudy | c.shaded)).mean()) for c in clouds)
        return {"index_noise": parts, "clear_scenes": looks}

    def _describe(self, catalog: CatalogWriter) -> None:
        for asset_id, title in {
            sentinel1_scenes.ASSET_ID: "Sentinel-1 GRD, linear power (synthetic)",
            sentinel2_scenes.ASSET_ID: "Sentinel-2 surface reflectance (synthetic)",
            sentinel2_scenes.CLOUD_SCORE_ID: "Cloud Score+ (synthetic)",
            _LAND_COVER_ID: "Land cover, 10 m (synthetic)",
            STATIONS_ID: "Soil moisture stations (synthetic)",
        }.items():
            catalog.describe(asset_id, title=title)
