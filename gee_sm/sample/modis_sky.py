"""What stands between MODIS and the ground: clouds day by day, and the air's smooth error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from affine import Affine
from rasterio.warp import transform
from scipy import sparse
from scipy.special import ndtri

from gee_sm.sample.product_errors import correlated_noise
from gee_sm.sample.region import Grid
from gee_sm.sample.wide_region import WIDE_BOUNDS, pixel_mean
from gee_sm.sample.wide_truth import WideTruth
from gee_sm.sample.wide_weather import summer_weight

__all__ = ["SKY_PARAMETERS", "Sky", "sky_of"]

_STEP = 0.0625
_CLOUD_KM = 50.0
_BLOCK = 10
_RAIN_EFFECT = 0.5
_CLOUD_FRACTION = (0.55, 0.20)
_DAY_NIGHT_SHARE = 0.4

SKY_PARAMETERS = {
    "cloud_fraction": {"winter": _CLOUD_FRACTION[0], "summer": sum(_CLOUD_FRACTION)},
    "cloud_length_km": _CLOUD_KM,
    "cloud_mask_block_pixels": _BLOCK,
    "more_clouds_per_log_of_rain_mm": _RAIN_EFFECT,
    "share_of_a_day_s_clouds_that_night_has": _DAY_NIGHT_SHARE,
}
"""What the truth folder says of clouds."""

SKY_GRID = Grid(
    "EPSG:4326",
    Affine(_STEP, 0, WIDE_BOUNDS[0] - _STEP, 0, -_STEP, WIDE_BOUNDS[3] + _STEP),
    (
        round((WIDE_BOUNDS[3] - WIDE_BOUNDS[1]) / _STEP) + 2,
        round((WIDE_BOUNDS[2] - WIDE_BOUNDS[0]) / _STEP) + 2,
    ),
)
"""Clouds are made here and are smooth between the nodes."""


@dataclass(frozen=True)
class Sky:
    """Clouds over the pixels of a grid that lie in the region.

    Parameters
    ----------
    thickness : ndarray of float32, shape (n, nodes)
        Cloud index on :data:`SKY_GRID`, above 0 where it is cloudy.
    """

    thickness: np.ndarray

    def over(self, grid: Grid, pixels: np.ndarray, number: int) -> np.ndarray:
        """Return the index of one day at some pixels (flat numbers) of a grid.

        It is the same in blocks of pixels: edges of clouds cost a quarter of the space then.
        """
        weights, block = _blocks(grid, pixels.tobytes())
        return (weights @ self.thickness[number])[block]


def sky_of(truth: WideTruth, seed: int, days: np.ndarray, half: str) -> Sky:
    """Return the clouds of some days.

    Parameters
    ----------
    truth : WideTruth
        Whose rain brings clouds.
    seed : int
        The sample's seed.
    days : ndarray of datetime64[D]
        Whole years; the clouds of a year are the same whichever other years are asked for.
    half : str
        ``day`` or ``night``.

    Returns
    -------
    Sky
        The clouds.
    """
    year = str(days[0])[:4]

    def field(name: str, length: float) -> np.ndarray:
        return correlated_noise(
            seed,
            ("clouds", name, year),
            SKY_GRID,
            days.size,
            memory_steps=0,
            smoothing_km=length / 2,
        )

    own = field(half, _CLOUD_KM)
    if half == "night":
        share = _DAY_NIGHT_SHARE
        own = np.sqrt(1 - share) * own + np.sqrt(share) * field("day", _CLOUD_KM)
    of_year = (days - days.astype("datetime64[Y]")).astype(float) + 1
    fraction = _CLOUD_FRACTION[0] + _CLOUD_FRACTION[1] * summer_weight(of_year)
    wet = _RAIN_EFFECT * np.log1p(truth.rain(days, pixel_mean(SKY_GRID)))
    # Rain moves clouds to wet days; it does not make more of them.
    index = own + wet - wet.mean(axis=0)
    spread = index.std()
    threshold = -ndtri(fraction) * spread
    return Sky((index - threshold[:, None, None]).reshape(days.size, -1).astype(np.float32))


@lru_cache(maxsize=4)
def _blocks(grid: Grid, pixels: bytes) -> tuple[sparse.csr_array, np.ndarray]:
    """Return bilinear weights from the sky's nodes to blocks, and the block of each pixel."""
    row, column = np.divmod(np.frombuffer(pixels, np.int64), grid.shape[1])
    numbers, block = np.unique(
        row // _BLOCK * grid.shape[1] + column // _BLOCK, return_inverse=True
    )
    block_row, block_column = np.divmod(numbers, grid.shape[1])
    t = grid.transform
    x = t.c + t.a * (block_column + 0.5) * _BLOCK
    y = t.f + t.e * (block_row + 0.5) * _BLOCK
    longitude, latitude = map(np.array, transform(grid.crs, "EPSG:4326", x, y))
    column = (longitude - SKY_GRID.x[0, 0]) / _STEP
    row = (SKY_GRID.y[0, 0] - latitude) / _STEP
    last_row, last_column = SKY_GRID.shape[0] - 2, SKY_GRID.shape[1] - 2
    left = np.clip(np.floor(column).astype(int), 0, last_column)
    top = np.clip(np.floor(row).astype(int), 0, last_row)
    right_part, lower_part = column - left, row - top
    height, width = SKY_GRID.shape
    rows, columns, weights = [], [], []
    for down in (0, 1):
        for across in (0, 1):
            rows.append(np.arange(numbers.size))
            columns.append((top + down) * width + left + across)
            vertical = lower_part if down else 1 - lower_part
            weights.append(vertical * (right_part if across else 1 - right_part))
    to_blocks = sparse.coo_array(
        (
            np.concatenate(weights).astype(np.float32),
            (np.concatenate(rows), np.concatenate(columns)),
        ),
        shape=(numbers.size, height * width),
    ).tocsr()
    return to_blocks, block
