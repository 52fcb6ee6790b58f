"""The share of the ground that vegetation covers."""

from __future__ import annotations

import ee

BARE_NDVI = 0.05
FULL_NDVI = 0.90
"""NDVI of bare ground and of full cover; regional values should replace them where known."""


def fractional_cover(
    ndvi: ee.Image,
    *,
    bare_ndvi: float = BARE_NDVI,
    full_ndvi: float = FULL_NDVI,
    exponent: float = 2.0,
) -> ee.Image:
    """Return the share of ground under vegetation as band ``fractional_cover``.

    ``((NDVI - bare) / (full - bare)) ** exponent`` between 0 and 1. Qu et al. (2021) took cover
    from GLASS, which Earth Engine lacks; this stands in for it.

    Parameters
    ----------
    ndvi : ee.Image
        One band.
    bare_ndvi, full_ndvi : float
        NDVI of bare ground and of full cover.
    exponent : float
        1 for the linear mixture, 2 for the quadratic one.

    Returns
    -------
    ee.Image
        Band ``fractional_cover``, 0 to 1; properties kept.

    Raises
    ------
    ValueError
        If the two NDVI are not in order or the exponent is not positive.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     found = fractional_cover(ee.Image(0.5), bare_ndvi=0.1, full_ndvi=0.9)
    ...     found.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    {'fractional_cover': 0.25}
    """
    if not bare_ndvi < full_ndvi:
        raise ValueError(f"bare_ndvi must be below full_ndvi; got {bare_ndvi} and {full_ndvi}")
    if not exponent > 0:
        raise ValueError(f"exponent must be positive; got {exponent}")
    share = ndvi.subtract(bare_ndvi).divide(full_ndvi - bare_ndvi).clamp(0, 1)
    found = share.pow(exponent).rename("fractional_cover")
    return ee.Image(found.copyProperties(ndvi, ndvi.propertyNames()))
