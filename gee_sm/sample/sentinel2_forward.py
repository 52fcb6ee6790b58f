"""Sentinel-2 surface reflectance that has the truth's NDVI, NDMI and NDWI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from gee_sm.sample.clouds import CloudCover
from gee_sm.sample.ground import Places
from gee_sm.sample.land_cover import BUILT_UP, CROPLAND, TREE_COVER, WATER
from gee_sm.sample.terrain import Relief

__all__ = [
    "BANDS",
    "DN_STEP",
    "Overpass",
    "digital_numbers",
    "digital_numbers_20m",
    "index_noise",
    "overpasses",
    "reflectance",
    "scene_classes",
    "sees_through",
]

BANDS = ("B3", "B4", "B8", "B11")
"""Green, red and near infrared at 10 m, short-wave infrared at 20 m."""

DN_STEP = 10
"""Digital numbers are stored in steps of this many (0.001 reflectance), which keeps files small."""

_WATER = {"B3": 0.060, "B4": 0.040, "B8": 0.030, "B11": 0.012}
_CLOUD = {"B3": 0.62, "B4": 0.60, "B8": 0.64, "B11": 0.42}
_CLASS_NDVI = {TREE_COVER: 0.78, CROPLAND: 0.66, BUILT_UP: 0.13}
_CLASS_NDMI = {TREE_COVER: 0.32, CROPLAND: 0.22, BUILT_UP: -0.06}
_SUN_AZIMUTH, _SUN_ZENITH = 120.0, 28.0
_FIRST_OVERPASS = datetime(2020, 1, 2, 4, 27, 11, tzinfo=UTC)
_REVISIT = timedelta(days=5)


@dataclass(frozen=True)
class Overpass:
    """One Sentinel-2 scene.

    Parameters
    ----------
    number : int
        Count of revisits since the first one of 2020.
    time : datetime
        Acquisition, UTC.
    """

    number: int
    time: datetime

    @property
    def satellite(self) -> str:
        """``Sentinel-2A`` or ``Sentinel-2B``, in turn."""
        return "Sentinel-2A" if self.number % 2 == 0 else "Sentinel-2B"

    @property
    def index(self) -> str:
        """The ``system:index``, in the pattern of the mission's products."""
        later = self.time + timedelta(minutes=5, seconds=29)
        return f"{self.time:%Y%m%dT%H%M%S}_{later:%Y%m%dT%H%M%S}_T46SDA"


def overpasses(first: datetime, last: datetime) -> list[Overpass]:
    """Return the scenes between two times, one every five days."""
    number = -((_FIRST_OVERPASS - first) // _REVISIT)
    found = []
    while _FIRST_OVERPASS + number * _REVISIT <= last:
        found.append(Overpass(number, _FIRST_OVERPASS + number * _REVISIT))
        number += 1
    return found


def reflectance(places: Places, ndvi: np.ndarray, ndmi: np.ndarray) -> dict[str, np.ndarray]:
    """Return clear-sky surface reflectance by band.

    Parameters
    ----------
    places : Places
        The ground.
    ndvi, ndmi : ndarray
        Indices that open land has; forest, fields and town have their own.

    Returns
    -------
    dict of str to ndarray
        Reflectance, 0 to 1. The shading of slopes multiplies all bands alike, so that the
        indices do not feel it. Only water has a positive NDWI.
    """
    for land_cover, value in _CLASS_NDVI.items():
        ndvi = np.where(places.land_cover == land_cover, value, ndvi)
        ndmi = np.where(places.land_cover == land_cover, _CLASS_NDMI[land_cover], ndmi)
    near_infrared = 0.22 + 0.15 * ndvi
    red = near_infrared * (1 - ndvi) / (1 + ndvi)
    land = {
        "B3": 0.5 * red + 0.2 * near_infrared,
        "B4": red,
        "B8": near_infrared,
        "B11": near_infrared * (1 - ndmi) / (1 + ndmi),
    }
    shading = _shading(places.relief)
    water = places.land_cover == WATER
    return {band: np.where(water, _WATER[band], land[band] * shading) for band in BANDS}


def sees_through(clear: dict[str, np.ndarray], cloud: CloudCover) -> dict[str, np.ndarray]:
    """Return reflectance under clouds and in their shadows."""
    lit = 1 - cloud.shade
    return {
        band: (1 - cloud.opacity) * lit * value + cloud.opacity * _CLOUD[band]
        for band, value in clear.items()
    }


def digital_numbers(
    reflectance: np.ndarray, random: np.random.Generator, noise: float
) -> np.ndarray:
    """Return what the product stores: reflectance times 10,000, with sensor noise.

    Parameters
    ----------
    reflectance : ndarray
        Reflectance, 0 to 1.
    random : numpy.random.Generator
        Source of randomness.
    noise : float
        Standard deviation of the sensor noise in reflectance, independent between pixels.

    Returns
    -------
    ndarray of uint16
        Never 0, which marks missing pixels.
    """
    noisy = reflectance + noise * random.standard_normal(reflectance.shape)
    steps = np.rint(noisy * 10000 / DN_STEP) * DN_STEP
    return np.clip(steps, 1, 65535).astype(np.uint16)


def digital_numbers_20m(
    reflectance: np.ndarray, random: np.random.Generator, noise: float
) -> np.ndarray:
    """Return a 20 m band from 10 m reflectance: the mean of four pixels, with its own noise."""
    return digital_numbers(_blocks(reflectance).mean(axis=(1, 3)), random, noise)


def scene_classes(places: Places, ndvi: np.ndarray, cloud: CloudCover) -> np.ndarray:
    """Return the scene classification at 20 m (SCL).

    A pixel is called cloud or shadow if any of its four parts is.
    """
    ground = np.where(ndvi > 0.3, 4, 5)
    ground = np.where(np.isin(places.land_cover, (TREE_COVER, CROPLAND)), 4, ground)
    ground = np.where(places.land_cover == BUILT_UP, 5, ground)
    ground = np.where(places.land_cover == WATER, 6, ground)
    classes = _blocks(ground)[:, 0, :, 0]
    shaded, cloudy = (_blocks(flag).any(axis=(1, 3)) for flag in (cloud.shaded, cloud.cloudy))
    dense = _blocks(cloud.opacity > 0.6).any(axis=(1, 3))
    classes = np.where(shaded, 3, classes)
    return np.where(dense, 9, np.where(cloudy, 8, classes)).astype(np.uint8)


def index_noise(
    clear: dict[str, np.ndarray], b: float, c: float, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard deviation that sensor noise gives ``b * NDVI + c * NDMI``.

    Parameters
    ----------
    clear : dict of str to ndarray
        Clear-sky reflectance by band.
    b, c : float
        Weights of NDVI and NDMI.
    noise : float
        Standard deviation of a band's reflectance, stored steps not counted.

    Returns
    -------
    fine, coarse : ndarray
        Of one pixel in one scene: the part that is independent between 10 m pixels (B4 and B8),
        and the part that is independent between 20 m pixels (B11). First-order propagation.
    """
    total = np.hypot(noise, DN_STEP / 10000 / np.sqrt(12))
    red, nir, swir = clear["B4"], clear["B8"], clear["B11"]
    by_nir = 2 * b * red / (nir + red) ** 2 + 2 * c * swir / (nir + swir) ** 2
    by_red = 2 * b * nir / (nir + red) ** 2
    by_swir = 2 * c * nir / (nir + swir) ** 2
    return total * np.hypot(by_nir, by_red), total * by_swir


def _shading(relief: Relief) -> np.ndarray:
    slope, zenith = np.radians(relief.slope), np.radians(_SUN_ZENITH)
    azimuth = np.radians(_SUN_AZIMUTH - relief.aspect)
    cosine = np.cos(zenith) * np.cos(slope) + np.sin(zenith) * np.sin(slope) * np.cos(azimuth)
    return np.clip(cosine / np.cos(zenith), 0.35, 1.3)


def _blocks(values: np.ndarray) -> np.ndarray:
    rows, columns = values.shape
    return values.reshape(rows // 2, 2, columns // 2, 2)
