"""Actual over potential evaporation of the soil, from its temperature.

Qu et al. (2021), eqs. 1 and 2, after Merlin et al. (2012). The paper takes the temperature of the
vegetation from Moran et al. (1994), whose corners need air temperature, humidity and wind; here it
is an input, so that any estimate of it serves.
"""

from __future__ import annotations

import ee

LARGEST_COVER = 0.9
"""Above this cover too little soil is seen: eq. 2 divides by what is left of it."""


def soil_temperature(
    temperature: ee.Image,
    fractional_cover: ee.Image,
    vegetation_temperature: ee.Image,
    *,
    largest_cover: float = LARGEST_COVER,
) -> ee.Image:
    """Return the temperature of the soil surface, K, as band ``soil_surface_temperature``.

    Properties of the temperature are kept.

    Qu et al. (2021), eq. 2: ``T_s = (T - f_v * T_v) / (1 - f_v)``.

    Parameters
    ----------
    temperature : ee.Image
        Land surface temperature, corrected for elevation, K.
    fractional_cover : ee.Image
        Share of the ground under vegetation, 0 to 1.
    vegetation_temperature : ee.Image
        Temperature of the vegetation, K.
    largest_cover : float
        Pixels with more cover are masked; below 1.

    Raises
    ------
    ValueError
        If `largest_cover` is not within [0, 1).
    """
    if not 0 <= largest_cover < 1:
        raise ValueError(f"largest_cover must lie within [0, 1); got {largest_cover}")
    soil_share = ee.Image.constant(1).subtract(fractional_cover)
    of_vegetation = fractional_cover.multiply(vegetation_temperature)
    found = temperature.subtract(of_vegetation).divide(soil_share)
    found = found.updateMask(fractional_cover.lte(largest_cover)).rename("soil_surface_temperature")
    return ee.Image(found.copyProperties(temperature, temperature.propertyNames()))


def evaporative_efficiency(
    soil_temperature: ee.Image, driest: ee.Image, wettest: ee.Image
) -> ee.Image:
    """Return the evaporative efficiency of the soil as band ``soil_evaporative_efficiency``.

    Qu et al. (2021), eq. 1: ``SEE = (T_max - T_s) / (T_max - T_min)``, between 0 and 1.

    Parameters
    ----------
    soil_temperature : ee.Image
        Temperature of the soil surface, K.
    driest, wettest : ee.Image
        Its largest and smallest value over the study area, K; see :func:`temperature_range`.

    Returns
    -------
    ee.Image
        0 where the soil is as hot as the driest, 1 where it is as cool as the wettest; masked
        where the two are the same. Properties of the soil's temperature are kept.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     found = evaporative_efficiency(ee.Image(300), ee.Image(310), ee.Image(290))
    ...     found.reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    {'soil_evaporative_efficiency': 0.5}
    """
    width = driest.subtract(wettest)
    # The soil's image comes first, for the result to have its grid and not that of a constant.
    found = soil_temperature.multiply(-1).add(driest).divide(width).clamp(0, 1)
    found = found.updateMask(width.gt(0)).rename("soil_evaporative_efficiency")
    return ee.Image(found.copyProperties(soil_temperature, soil_temperature.propertyNames()))


def temperature_range(
    soil_temperature: ee.Image,
    region: ee.Geometry,
    *,
    scale_m: float,
    percentiles: tuple[float, float] = (0.0, 100.0),
) -> tuple[ee.Image, ee.Image]:
    """Return the largest and smallest soil temperature of a study area, as images.

    Parameters
    ----------
    soil_temperature : ee.Image
        One band, K.
    region : ee.Geometry
        The study area.
    scale_m : float
        Pixel size to look at, metres.
    percentiles : tuple of float
        What counts as smallest and largest, percent: 0 and 100 as in the paper. One undetected
        cloud sets the smallest value of a whole area; 1 and 99 leave such pixels out.

    Returns
    -------
    driest, wettest : ee.Image
        Constant images, K; masked where the whole area is.

    Raises
    ------
    ValueError
        If the percentiles are not in order within 0 and 100.
    """
    low, high = percentiles
    if not 0 <= low < high <= 100:
        raise ValueError(f"percentiles must be in order within 0 and 100; got {percentiles}")
    if (low, high) == (0, 100):
        # Percentiles of many pixels come from a histogram; the extremes need not.
        reducer, names = ee.Reducer.minMax(), ("t_min", "t_max")
    else:
        reducer, names = ee.Reducer.percentile([low, high], ["low", "high"]), ("t_low", "t_high")
    found = soil_temperature.select([0], ["t"]).reduceRegion(
        reducer=reducer,
        geometry=region,
        scale=scale_m,
        maxPixels=1_000_000_000,
    )
    return (
        _constant(found.get(names[1])).rename("driest"),
        _constant(found.get(names[0])).rename("wettest"),
    )


def _constant(number: ee.ComputedObject) -> ee.Image:
    """Return an image of a number, masked if there is none: no image can be made of nothing."""
    value = ee.List([number, 0]).reduce(ee.Reducer.firstNonNull())
    is_there = ee.List([number]).reduce(ee.Reducer.count())
    return ee.Image.constant(ee.Number(value)).updateMask(ee.Image.constant(ee.Number(is_there)))
