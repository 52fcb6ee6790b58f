"""Frozen and thawed ground by three consecutive days, Chang et al. (2022)."""

from __future__ import annotations

import ee

FREEZING_POINT = 273.15
"""K."""

CONSECUTIVE_DAYS = 3

_DAY_MS = 86_400_000


def frozen_state(
    temperature: ee.ImageCollection,
    *,
    freezing_point: float = FREEZING_POINT,
    days: int = CONSECUTIVE_DAYS,
) -> ee.ImageCollection:
    """Return, for each day, whether it belongs to a run of frozen or of thawed days.

    A day of a shorter run is neither: its state is changing. Soil moisture products tell little on
    such days, so they are left out of both.

    Parameters
    ----------
    temperature : ee.ImageCollection
        Soil temperature, one band, K, one image a day with ``system:time_start``; days missing
        end a run, and so do the ends of the collection: give ``days - 1`` days more on either side.
    freezing_point : float
        Below it the soil is frozen, K; salt and fine pores lower it.
    days : int
        Length of a run, at least 1.

    Returns
    -------
    ee.ImageCollection
        Bands ``frozen`` and ``thawed``, 1 or 0, masked where the day has no temperature.

    Raises
    ------
    ValueError
        If `days` is less than 1.
    """
    states = _states(temperature, freezing_point, days)

    def of_day(member: ee.Image) -> ee.Image:
        image = ee.Image(member)
        time = ee.Number(image.get("system:time_start"))
        # The runs that hold this day start at most days - 1 before it.
        firsts = [_run(states, time.add(offset * _DAY_MS), days) for offset in range(1 - days, 1)]
        found = ee.ImageCollection(firsts).max().updateMask(image.select("frozen").mask())
        return ee.Image(found.copyProperties(image, ["system:time_start", "system:index"]))

    return states.map(of_day)


def onset(
    temperature: ee.ImageCollection,
    *,
    frozen: bool,
    freezing_point: float = FREEZING_POINT,
    days: int = CONSECUTIVE_DAYS,
) -> ee.Image:
    """Return the first day from which the soil is frozen, or thawed, for so many days on end.

    Chang et al. (2022): the first day when soil temperature is below (above) 0 degrees Celsius for
    three consecutive days.

    Parameters
    ----------
    temperature : ee.ImageCollection
        Soil temperature of the season to look at, one band, K, one image a day.
    frozen : bool
        True for the onset of freezing, False for that of thawing.
    freezing_point, days : float, int
        As in :func:`frozen_state`.

    Returns
    -------
    ee.Image
        Band ``onset``: days since 1970-01-01 UTC of the first day of the first such run, masked
        where there is none.
    """
    states = _states(temperature, freezing_point, days)
    band = "frozen" if frozen else "thawed"

    def first_day(member: ee.Image) -> ee.Image:
        time = ee.Number(ee.Image(member).get("system:time_start"))
        run = _run(states, time, days).select(band)
        day = ee.Image.constant(time.divide(_DAY_MS).floor()).toDouble()
        return day.updateMask(run).rename("onset")

    nothing = ee.Image.constant(0.0).toDouble().updateMask(0).rename("onset")
    return states.map(first_day).merge(ee.ImageCollection([nothing])).min()


def _states(
    temperature: ee.ImageCollection, freezing_point: float, days: int
) -> ee.ImageCollection:
    if days < 1:
        raise ValueError(f"a run has at least one day; got days={days}")

    def state(member: ee.Image) -> ee.Image:
        image = ee.Image(member)
        kelvin = image.select([0])
        below = kelvin.lt(freezing_point).rename("frozen")
        above = kelvin.gt(freezing_point).rename("thawed")
        return ee.Image(
            below.addBands(above).copyProperties(image, ["system:time_start", "system:index"])
        )

    return temperature.map(state)


def _run(states: ee.ImageCollection, first_ms: ee.Number, days: int) -> ee.Image:
    """Return 1 where a run of the full length starts on a day, else 0; never masked."""
    window = states.filter(
        ee.Filter.And(
            ee.Filter.gte("system:time_start", first_ms),
            ee.Filter.lt("system:time_start", first_ms.add(days * _DAY_MS)),
        )
    )
    nothing = ee.Image.constant([0, 0]).rename(["frozen", "thawed"])
    total = window.merge(ee.ImageCollection([nothing])).sum()
    return total.gte(days)
