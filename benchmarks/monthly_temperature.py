"""A whole chain for the benchmark: a month of MODIS temperatures made one image, two ways.

Quality bits, scale and offset, the masks of invalid numbers, weights by the days an image shares
with the month, their sums and the quotient: what a user of this package asks for with one call.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ee
import numpy as np
import rasterio
from affine import Affine

from gee_sm.composites.temporal import composites
from gee_sm.emulator import CatalogWriter

DAYS = 31
FIRST = datetime(2020, 7, 1, tzinfo=UTC)
CRS = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
TRANSFORM = Affine(926.625433056, 0, 7_783_653.6, 0, -926.625433056, 4_447_802.1)
Pixels = tuple[np.ndarray, np.ndarray]


def write_days(folder: Path, side: int) -> list[Path]:
    """Write a month of MOD11A1: three tenths cloud, another seventh of doubtful quality."""
    generator = np.random.default_rng(2)
    plain = np.full((side, side), 100, np.uint8)
    paths = []
    with CatalogWriter(folder, overviews=False) as catalog:
        for day in range(DAYS):
            start = FIRST + timedelta(days=day)
            temperature = generator.integers(13_000, 15_500, (side, side)).astype(np.uint16)
            temperature[generator.random((side, side)) < 0.3] = 0
            doubtful = generator.random((side, side)) < 0.2
            bands = {
                "LST_Day_1km": temperature,
                "Day_view_time": plain,
                "Day_view_angle": plain,
                "QC_Day": np.where(doubtful, 2, 0).astype(np.uint8),
                "LST_Night_1km": plain.astype(np.uint16),
                "Night_view_time": plain,
                "Night_view_angle": plain,
                "QC_Night": plain,
            }
            paths.append(
                catalog.add_image(
                    "MODIS/061/MOD11A1",
                    f"{start:%Y_%m_%d}",
                    bands=bands,
                    crs=CRS,
                    transform=TRANSFORM,
                    nodata={"LST_Day_1km": 0, "LST_Night_1km": 0},
                    time_start=start,
                    time_end=start + timedelta(days=1),
                )
            )
    return paths


def composite() -> ee.Image:
    """Return the month's mean day temperature, K, as this package asks Earth Engine for it."""
    months = composites("modis_lst", "2020-07-01", "2020-08-01", step="month", bands=["lst_day"])
    return ee.Image(months.first()).select("lst_day")


def by_hand(paths: list[Path]) -> Pixels:
    """Return the same by numpy and rasterio, day after day."""
    total: np.ndarray | float = 0.0
    count: np.ndarray | int = 0
    for path in paths:
        temperature = _opened(path / "LST_Day_1km.tif").read(1)
        good = (temperature >= 7500) & (_opened(path / "QC_Day.tif").read(1) & 3 == 0)
        total = total + np.where(good, temperature * 0.02, 0)
        count = count + good
    return (total / np.maximum(count, 1)).astype(np.float32), count > 0


@functools.cache
def _opened(path: Path) -> rasterio.DatasetReader:
    """Open a file once, as the emulator does."""
    return rasterio.open(path)
