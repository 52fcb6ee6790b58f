"""Indices of the ground as it was around a Sentinel-1 pass."""

from __future__ import annotations

import ee

from gee_sm.sentinel2.collection import BANDS, TOA_FLAG
from gee_sm.sentinel2.indices import indices

WINDOW_DAYS = 7.0
"""One week before and after the pass, as in Li et al. (2025)."""

_DAY_MS = 86_400_000

BAND_NAMES = ("ndvi", "ndmi", "ndwi", "n_optical", "n_toa")


def within_days(
    collection: ee.ImageCollection, time_ms: float | ee.Number, days: float = WINDOW_DAYS
) -> ee.ImageCollection:
    """Return the images taken at most so many days before or after an instant.

    Parameters
    ----------
    collection : ee.ImageCollection
        Images with ``system:time_start``.
    time_ms : float or ee.Number
        Milliseconds since 1970 in UTC.
    days : float
        Half width of the window, both ends included. To the millisecond, not by calendar day.

    Returns
    -------
    ee.ImageCollection
        The images of the window.

    Raises
    ------
    ValueError
        If the number of days is negative.
    """
    if days < 0:
        raise ValueError(f"the half width of a window must not be negative; got {days} days")
    instant = ee.Number(time_ms)
    width = days * _DAY_MS
    return collection.filter(
        ee.Filter.And(
            ee.Filter.gte("system:time_start", instant.subtract(width)),
            ee.Filter.lte("system:time_start", instant.add(width)),
        )
    )


def composite(collection: ee.ImageCollection) -> ee.Image:
    """Return indices of the median reflectance, and how many clear views it rests on.

    An empty collection yields an image with the right bands and no valid index, where Earth
    Engine's own reducers would yield one without bands, on which every later step fails.

    Parameters
    ----------
    collection : ee.ImageCollection
        Images of :func:`gee_sm.sentinel2.collection.reflectance`.

    Returns
    -------
    ee.Image
        Bands ``ndvi``, ``ndmi``, ``ndwi`` (masked without a clear view), ``n_optical`` (clear
        views) and ``n_toa`` (those from the top of the atmosphere), the last two 0 where there is
        none.
    """
    names = [*BANDS, TOA_FLAG]
    nothing = ee.Image.constant([0.0] * len(names)).rename(names).toFloat().updateMask(0)
    views = collection.select(names).merge(ee.ImageCollection([nothing]))
    found = indices(views.select(list(BANDS)).median())
    clear = views.select(["B8"], ["n_optical"]).count().unmask(0, False)
    toa = views.select([TOA_FLAG], ["n_toa"]).sum().unmask(0, False)
    return found.addBands(clear).addBands(toa)


def indices_around(
    collection: ee.ImageCollection,
    time_ms: float | ee.Number,
    *,
    days: float = WINDOW_DAYS,
    fallback_days: float | None = None,
) -> ee.Image:
    """Return indices of the views around a Sentinel-1 pass.

    Parameters
    ----------
    collection : ee.ImageCollection
        Images of :func:`gee_sm.sentinel2.collection.reflectance`.
    time_ms : float or ee.Number
        Time of the pass, milliseconds since 1970 in UTC.
    days : float
        Half width of the window.
    fallback_days : float, optional
        Half width of a wider window that fills pixels without a clear view in the first one;
        ``n_optical`` stays 0 there.

    Returns
    -------
    ee.Image
        Bands of :func:`composite`.

    Raises
    ------
    ValueError
        If the wider window is not wider, or a width is negative.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     indices_around(ee.ImageCollection([]), 1594814400000).bandNames().getInfo()
    ['ndvi', 'ndmi', 'ndwi', 'n_optical', 'n_toa']
    """
    found = composite(within_days(collection, time_ms, days))
    if fallback_days is None:
        return found
    if not fallback_days > days:
        raise ValueError(
            f"fallback_days must exceed the window of {days} days; got {fallback_days}"
        )
    wider = composite(within_days(collection, time_ms, fallback_days))
    filled = found.select(["ndvi", "ndmi", "ndwi"]).unmask(wider.select(["ndvi", "ndmi", "ndwi"]))
    return filled.addBands(found.select(["n_optical", "n_toa"]))
