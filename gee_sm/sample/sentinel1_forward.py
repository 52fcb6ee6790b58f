"""Sentinel-1 backscatter computed forward from the ground truth.

What a map inverts, in the opposite order: equation 7 of Li et al. (2025) turns soil moisture into
the rise of backscatter from winter to summer, equations 1 and 2 tilt it across the swath, the
volume model of Vollrath et al. (2020) brightens the slopes that face the radar, and speckle
multiplies the power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gee_sm.sample.ground import Places
from gee_sm.sample.land_cover import BUILT_UP, CROPLAND, TREE_COVER, WATER
from gee_sm.sample.orbits import RelativeOrbit
from gee_sm.sample.random_field import RandomField, random_stream

__all__ = [
    "ANGLE_TREND",
    "COEFFICIENTS",
    "REFERENCE_ANGLE",
    "Coefficients",
    "Roughness",
    "backscatter",
    "flat_backscatter_db",
    "incidence_effect_db",
    "residual_db",
    "seasonal_rise_db",
    "slope_factor",
    "soil_moisture_of_rise",
]

REFERENCE_ANGLE = 38.0
"""Incidence angle in degrees to which the paper refers backscatter."""

ANGLE_TREND = {"ASCENDING": 0.16, "DESCENDING": 0.10}
"""Fall of backscatter with incidence angle in dB per degree (equations 1 and 2)."""

_FROZEN_DB = -13.3
_HOLLOW_SMOOTHNESS_DB = 8.0
_FROZEN_CLASS_DB = {TREE_COVER: -11.0, CROPLAND: -13.5, BUILT_UP: -6.0, WATER: -15.0}
_CLASS_RISE_DB = {TREE_COVER: 0.5, BUILT_UP: 0.2, WATER: -5.5}
_SUBSURFACE_RISE_DB = -3.0
_BRIGHTEST_SLOPE, _DARKEST_SLOPE = 12.0, 0.02


@dataclass(frozen=True)
class Coefficients:
    """Coefficients of equation 7: ``SM = a * rise + b * NDVI + c * NDMI + d``.

    Parameters
    ----------
    a : float
        In m3 m-3 per dB.
    b, c, d : float
        In m3 m-3.
    """

    a: float
    b: float
    c: float
    d: float


COEFFICIENTS = {
    "ASCENDING": Coefficients(0.0143, 0.186, 0.164, 0.052),
    "DESCENDING": Coefficients(0.0154, 0.200, 0.110, 0.040),
}
"""The paper's optimal coefficients by pass (table 3, equations 8 and 9)."""


class Roughness:
    """Backscatter of the frozen ground, which holds roughness and not moisture.

    Parameters
    ----------
    seed : int
        The sample's seed.
    """

    def __init__(self, seed: int) -> None:
        random = random_stream(seed, "roughness")
        self._broad = RandomField.gaussian(random, length=600.0)
        self._fine = RandomField.gaussian(random, length=120.0)

    def frozen_db(self, places: Places) -> np.ndarray:
        """Return winter backscatter on flat ground at 38 degrees, in dB."""
        texture = 0.6 * self._broad(places.x, places.y) + 0.4 * self._fine(places.x, places.y)
        # Sedge in wet hollows lies smooth under the frost; stones on dry ground are rough.
        smoothness = _HOLLOW_SMOOTHNESS_DB * (places.moisture.mean - 0.075)
        frozen = _FROZEN_DB + texture - smoothness
        for land_cover, level in _FROZEN_CLASS_DB.items():
            frozen = np.where(places.land_cover == land_cover, level + 0.3 * texture, frozen)
        return frozen


def seasonal_rise_db(
    soil_moisture: np.ndarray, ndvi: np.ndarray, ndmi: np.ndarray, coefficients: Coefficients
) -> np.ndarray:
    """Return summer minus winter backscatter: equation 7 solved for the difference.

    Parameters
    ----------
    soil_moisture : ndarray
        In m3 m-3.
    ndvi, ndmi : ndarray
        Vegetation indices.
    coefficients : Coefficients
        Of the pass.

    Returns
    -------
    ndarray
        Rise in dB.
    """
    k = coefficients
    return (soil_moisture - k.b * ndvi - k.c * ndmi - k.d) / k.a


def soil_moisture_of_rise(
    rise_db: np.ndarray, ndvi: np.ndarray, ndmi: np.ndarray, coefficients: Coefficients
) -> np.ndarray:
    """Return soil moisture in m3 m-3 from the seasonal rise in dB: equation 7."""
    k = coefficients
    return k.a * rise_db + k.b * ndvi + k.c * ndmi + k.d


def flat_backscatter_db(
    places: Places,
    frozen_db: np.ndarray,
    *,
    soil_moisture: np.ndarray | None = None,
    ndvi: np.ndarray | None = None,
    ndmi: np.ndarray | None = None,
    passing: str,
) -> np.ndarray:
    """Return backscatter on flat ground at 38 degrees.

    Parameters
    ----------
    places : Places
        The ground.
    frozen_db : ndarray
        Its winter backscatter in dB.
    soil_moisture, ndvi, ndmi : ndarray, optional
        State of the thawed ground; left out for the frozen one.
    passing : str
        ``ASCENDING`` or ``DESCENDING``.

    Returns
    -------
    ndarray
        Sigma0 in dB.
    """
    if soil_moisture is None:
        return frozen_db
    rise = seasonal_rise_db(soil_moisture, ndvi, ndmi, COEFFICIENTS[passing])
    rise = np.where(places.subsurface_scattering, _SUBSURFACE_RISE_DB, rise)
    for land_cover, class_rise in _CLASS_RISE_DB.items():
        rise = np.where(places.land_cover == land_cover, class_rise, rise)
    return frozen_db + rise


def incidence_effect_db(angle: np.ndarray, passing: str) -> np.ndarray:
    """Return what the incidence angle (degrees) adds to backscatter: equations 1 and 2, in dB."""
    return -ANGLE_TREND[passing] * (angle - REFERENCE_ANGLE)


def slope_factor(
    angle: np.ndarray, slope: np.ndarray, aspect: np.ndarray, heading: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much terrain brightens backscatter: the volume model of Vollrath et al. (2020).

    Parameters
    ----------
    angle : ndarray
        Incidence angle on the ellipsoid in degrees.
    slope, aspect : ndarray
        Terrain in degrees; aspect is the direction it faces, clockwise from north.
    heading : float
        Direction of flight in degrees; the radar looks to the right.

    Returns
    -------
    factor : ndarray
        Multiplies the power; above 1 on slopes that face the radar. Limited to 0.02 to 12.
    seen : ndarray of bool
        False in layover and in shadow.
    """
    towards_radar = heading - 90.0
    facing = np.degrees(
        np.arctan(np.tan(np.radians(slope)) * np.cos(np.radians(towards_radar - aspect)))
    )
    seen = (facing < angle) & (facing > angle - 90.0)
    height = np.radians(90.0 - angle)
    ratio = np.tan(np.clip(height + np.radians(facing), 0, np.pi / 2 - 1e-6)) / np.tan(height)
    return np.clip(ratio, _DARKEST_SLOPE, _BRIGHTEST_SLOPE), seen


def backscatter(
    places: Places, flat_db: np.ndarray, orbit: RelativeOrbit, angle: np.ndarray
) -> np.ndarray:
    """Return sigma0 (linear power) as an orbit sees it without speckle, NaN outside its swath.

    Parameters
    ----------
    places : Places
        The ground.
    flat_db : ndarray
        Backscatter on flat ground at 38 degrees, in dB.
    orbit : RelativeOrbit
        Who looks.
    angle : ndarray
        Incidence angle on the ellipsoid in degrees.

    Returns
    -------
    ndarray
        Sigma0, linear.
    """
    relief = places.relief
    factor, _ = slope_factor(angle, relief.slope, relief.aspect, orbit.heading)
    power = 10 ** ((flat_db + incidence_effect_db(angle, orbit.passing)) / 10) * factor
    return np.where(orbit.swath(places.x, places.y), power, np.nan)


def residual_db(seed: int, year: int, *, std: float, length: float) -> RandomField:
    """Return what changes between the seasons and is neither moisture nor vegetation.

    Frost heave and grazing change the roughness from winter to summer; no map can know it. The
    field is added to the summer backscatter of one year and is part of the noise floor.

    Parameters
    ----------
    seed, year : int
        The sample's seed, and the year.
    std : float
        Standard deviation in dB.
    length : float
        Correlation length in metres.

    Returns
    -------
    RandomField
        A field in dB.
    """
    field = RandomField.gaussian(random_stream(seed, "residual", year), length=length, modes=600)
    return RandomField(field.wave_numbers, field.phases, std * field.amplitudes)
