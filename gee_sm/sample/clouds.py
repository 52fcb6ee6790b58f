"""Clouds and their shadows over one Sentinel-2 scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from gee_sm.sample.random_field import RandomField, random_stream

__all__ = ["CloudCover", "cloud_cover", "cloud_fraction"]

_SHADOW_OFFSET = (-280.0, 330.0)
_EDGE = 0.35
_MARGIN = 0.15
_OVERCAST_EVERY = 7


@dataclass(frozen=True)
class CloudCover:
    """Clouds over some places; arrays of the places' shape.

    Parameters
    ----------
    opacity : ndarray
        Share of cloud in what the sensor sees, 0 to 1.
    shade : ndarray
        Share of sunlight that a cloud takes away, 0 to 1.
    cloudy, shaded : ndarray of bool
        Where the ground cannot be trusted, with a margin beyond the visible edge.
    clearness : ndarray
        How clear the sky is, 0 to 1: what Cloud Score+ measures.
    """

    opacity: np.ndarray
    shade: np.ndarray
    cloudy: np.ndarray
    shaded: np.ndarray
    clearness: np.ndarray


def cloud_fraction(seed: int, day: int) -> float:
    """Return the share of the sky that clouds cover on a day, counted in revisits.

    One day in seven of the monsoon is overcast; the others have fair-weather clouds, so that every
    fortnight has clear looks at nearly all of the ground.
    """
    random = random_stream(seed, "cloud fraction", day)
    fraction = random.uniform(0.02, 0.12)
    return 0.85 if day % _OVERCAST_EVERY == 3 else fraction


def cloud_cover(seed: int, day: int, x: np.ndarray, y: np.ndarray) -> CloudCover:
    """Return the clouds over places at coordinates in metres (UTM 46N).

    Parameters
    ----------
    seed : int
        The sample's seed.
    day : int
        Number of the revisit; clouds of different days have nothing in common.
    x, y : ndarray
        Coordinates, broadcast against each other.

    Returns
    -------
    CloudCover
        The clouds.
    """
    field = RandomField.gaussian(random_stream(seed, "clouds", day), length=700.0, modes=128)
    threshold = ndtri(1 - cloud_fraction(seed, day))
    above = field(x, y) - threshold
    shadow = field(x - _SHADOW_OFFSET[0], y - _SHADOW_OFFSET[1]) - threshold
    cloudy, shaded = above > -_MARGIN, shadow > -_MARGIN
    worst = np.maximum(above, shadow)
    return CloudCover(
        opacity=np.clip(above / _EDGE, 0, 1),
        shade=0.6 * np.clip(shadow / _EDGE, 0, 1),
        cloudy=cloudy,
        shaded=shaded & ~cloudy,
        clearness=np.clip(0.3 - 0.8 * (worst + _MARGIN) / _EDGE, 0, 0.3)
        + 0.65 * (worst < -_MARGIN),
    )
