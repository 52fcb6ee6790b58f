"""Step 1 of Li et al. (2025): backscatter too low or too high to carry a moisture signal."""

from __future__ import annotations

import ee

from gee_sm.sentinel1.decibel import power_of

LOWER_DB = -20.0
UPPER_DB = -5.0


def within_thresholds(
    sigma0: ee.Image, *, lower_db: float = LOWER_DB, upper_db: float = UPPER_DB
) -> ee.Image:
    """Return 1 where backscatter lies within the limits, both included, and 0 elsewhere.

    Parameters
    ----------
    sigma0 : ee.Image
        Backscatter in linear power.
    lower_db, upper_db : float
        Limits in dB.

    Returns
    -------
    ee.Image
        Zeros and ones under the band's name and mask.

    Raises
    ------
    ValueError
        If the lower limit is not below the upper one.
    """
    if not lower_db < upper_db:
        raise ValueError(
            f"the lower threshold must be below the upper one; got {lower_db} and {upper_db} dB"
        )
    return sigma0.gte(power_of(lower_db)).And(sigma0.lte(power_of(upper_db)))


def threshold_mask(
    sigma0: ee.Image, *, lower_db: float = LOWER_DB, upper_db: float = UPPER_DB
) -> ee.Image:
    """Mask backscatter outside the limits.

    Before a speckle filter this cuts the tails of the speckle and shifts the mean of what is left
    (dry frozen ground near -18 dB comes out 0.7 dB too bright at 4.4 looks); behind it, it does
    not. The paper names it first.

    Parameters
    ----------
    sigma0 : ee.Image
        Backscatter in linear power.
    lower_db, upper_db : float
        Limits in dB.

    Returns
    -------
    ee.Image
        The image with its mask narrowed.

    Raises
    ------
    ValueError
        If the lower limit is not below the upper one.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     image = threshold_mask(ee.Image([0.1, 0.001]).rename(["bright", "dark"]))
    ...     image.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    {'bright': 0.1, 'dark': None}
    """
    return sigma0.updateMask(within_thresholds(sigma0, lower_db=lower_db, upper_db=upper_db))
