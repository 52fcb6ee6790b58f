"""Land surface temperature of the day as a whole, freed of elevation, and with its gaps filled."""

from __future__ import annotations

import ee

LAPSE_RATE = 0.006
"""K per metre, Qu et al. (2021)."""

FILLED = "lst_filled"
"""Band that is 1 where a temperature comes from the gap-free product, else 0."""


def mean_temperature(day: ee.Image, night: ee.Image) -> ee.Image:
    """Return the mean of a day and a night temperature as band ``lst_mean``, K, properties kept.

    Masked unless both are there: a mean of one of them alone would be off by half the daily range.

    Parameters
    ----------
    day, night : ee.Image
        One band each, K.
    """
    found = day.add(night).divide(2).rename("lst_mean")
    return ee.Image(found.copyProperties(day, day.propertyNames()))


def elevation_corrected(
    temperature: ee.Image,
    elevation: ee.Image,
    coarse_elevation: ee.Image,
    *,
    lapse_rate: float = LAPSE_RATE,
) -> ee.Image:
    """Return temperature as it would be at the mean elevation of its coarse pixel.

    Qu et al. (2021), eq. 3: ``T = T_ori + lapse_rate * (H - H_LR)``.

    Parameters
    ----------
    temperature : ee.Image
        Bands in K.
    elevation : ee.Image
        Elevation H on the fine grid, one band, m.
    coarse_elevation : ee.Image
        Mean elevation H_LR of the coarse pixel around, one band, m; such as
        :func:`gee_sm.composites.target_grid.to_grid` makes of the elevation.
    lapse_rate : float
        Fall of temperature with height, K per metre; not negative.

    Returns
    -------
    ee.Image
        The same bands, K, properties kept; masked where one of the elevations is.

    Raises
    ------
    ValueError
        If the lapse rate is negative.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     lst = ee.Image.constant(290.0).rename("lst_day")
    ...     found = elevation_corrected(lst, ee.Image(4600), ee.Image(4500))
    ...     found.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    {'lst_day': 290.6}
    """
    if lapse_rate < 0:
        raise ValueError(f"lapse_rate is the fall of temperature with height; got {lapse_rate}")
    above = elevation.subtract(coarse_elevation)
    found = temperature.add(above.multiply(lapse_rate)).rename(temperature.bandNames())
    return ee.Image(found.copyProperties(temperature, temperature.propertyNames()))


def gap_filled(temperature: ee.Image, gap_free: ee.Image) -> ee.Image:
    """Return temperature with its gaps taken from a gap-free product, and which pixels those are.

    Parameters
    ----------
    temperature : ee.Image
        One band, K, masked under cloud.
    gap_free : ee.Image
        One band, K, of the same time of day; such as product ``gap_free_lst_day``.

    Returns
    -------
    ee.Image
        The band of `temperature`, and ``lst_filled``: 1 where filled, 0 where seen, masked where
        neither has a value. Properties are kept.
    """
    found = temperature.unmask(gap_free, False)
    filled = temperature.mask().Not().updateMask(found.mask()).rename(FILLED)
    found = found.addBands(filled.toUint8())
    return ee.Image(found.copyProperties(temperature, temperature.propertyNames()))
