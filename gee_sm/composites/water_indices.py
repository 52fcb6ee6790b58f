"""Soil-wetness indices of MODIS reflectance, Rao et al. (2022), eqs. 1 to 3."""

from __future__ import annotations

import ee

from gee_sm.sentinel2.indices import normalised_difference


def ndwi(reflectance: ee.Image) -> ee.Image:
    """Return ``(b4 - b2) / (b4 + b2)`` as band ``ndwi`` (eq. 1): green against near infrared."""
    return normalised_difference(reflectance, "reflectance_b4", "reflectance_b2").rename("ndwi")


def lswi(reflectance: ee.Image) -> ee.Image:
    """Return ``(b2 - b6) / (b2 + b6)`` as band ``lswi`` (eq. 2): near against shortwave."""
    return normalised_difference(reflectance, "reflectance_b2", "reflectance_b6").rename("lswi")


def nsdsi(reflectance: ee.Image) -> ee.Image:
    """Return ``(b6 - b7) / b6`` as band ``nsdsi`` (eq. 3), masked where b6 is not positive."""
    b6 = reflectance.select("reflectance_b6")
    # As in the other two, a slightly negative reflectance counts as none.
    b7 = reflectance.select("reflectance_b7").max(0)
    return b6.subtract(b7).divide(b6).updateMask(b6.gt(0)).rename("nsdsi")


def water_indices(reflectance: ee.Image) -> ee.Image:
    """Return the three indices as bands ``ndwi``, ``lswi`` and ``nsdsi``.

    Indices of a mean reflectance are not means of indices. For composites apply this to the
    composite of the reflectance, as the papers do with 8-day data, or to each image first.

    Parameters
    ----------
    reflectance : ee.Image
        Bands of product ``modis_reflectance``: ``reflectance_b2``, ``_b4``, ``_b6``, ``_b7``.

    Returns
    -------
    ee.Image
        ``ndwi`` and ``lswi`` within [-1, 1], ``nsdsi`` at most 1; properties kept.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     names = [f"reflectance_b{i}" for i in (2, 4, 6, 7)]
    ...     meadow = ee.Image([0.30, 0.10, 0.20, 0.15]).rename(names)
    ...     at = ee.Geometry.Point(91, 33)
    ...     found = water_indices(meadow).reduceRegion("first", at, 10).getInfo()
    >>> {name: round(value, 3) for name, value in found.items()}
    {'lswi': 0.2, 'ndwi': -0.5, 'nsdsi': 0.25}
    """
    found = ndwi(reflectance).addBands(lswi(reflectance)).addBands(nsdsi(reflectance))
    return ee.Image(found.copyProperties(reflectance, reflectance.propertyNames()))
