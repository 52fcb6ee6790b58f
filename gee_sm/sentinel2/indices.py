"""Vegetation and water indices of Li et al. (2025), eqs. 3 to 5."""

from __future__ import annotations

import ee


def normalised_difference(reflectance: ee.Image, first: str, second: str) -> ee.Image:
    """Return ``(first - second) / (first + second)`` of two reflectances.

    Earth Engine's own ``normalizedDifference`` masks a pixel as soon as one band is negative.
    Atmospheric correction makes dark bands slightly negative, over water and in shade, which is
    where such a mask would punch its holes. Here a negative reflectance counts as 0, so that the
    index stays within [-1, 1]; a pixel without any light in either band is masked.

    Parameters
    ----------
    reflectance : ee.Image
        Reflectance, 0 to 1.
    first, second : str
        Band names.

    Returns
    -------
    ee.Image
        One band, named after ``first``.
    """
    a = reflectance.select(first).max(0)
    b = reflectance.select(second).max(0)
    total = a.add(b)
    return a.subtract(b).divide(total).updateMask(total.gt(0))


def ndvi(reflectance: ee.Image) -> ee.Image:
    """Return the vegetation index of near infrared B8 and red B4 as band ``ndvi`` (eq. 3)."""
    return normalised_difference(reflectance, "B8", "B4").rename("ndvi")


def ndmi(reflectance: ee.Image) -> ee.Image:
    """Return the moisture index of near infrared B8 and shortwave B11 as band ``ndmi`` (eq. 4)."""
    return normalised_difference(reflectance, "B8", "B11").rename("ndmi")


def ndwi(reflectance: ee.Image) -> ee.Image:
    """Return the water index of green B3 and near infrared B8 as band ``ndwi`` (eq. 5)."""
    return normalised_difference(reflectance, "B3", "B8").rename("ndwi")


def indices(reflectance: ee.Image) -> ee.Image:
    """Return the three indices as bands ``ndvi``, ``ndmi`` and ``ndwi``.

    Parameters
    ----------
    reflectance : ee.Image
        Bands B3, B4, B8 and B11 as reflectance.

    Returns
    -------
    ee.Image
        Each index within [-1, 1], masked where its two bands are masked or both 0.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     meadow = ee.Image([0.08, 0.06, 0.30, 0.20]).rename(["B3", "B4", "B8", "B11"])
    ...     found = indices(meadow).reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    >>> {name: round(value, 3) for name, value in found.items()}
    {'ndmi': 0.2, 'ndvi': 0.667, 'ndwi': -0.579}
    """
    return ndvi(reflectance).addBands(ndmi(reflectance)).addBands(ndwi(reflectance))
