"""Composites over time: means of states, sums of rain, the most frequent class.

An image takes part in a period by the time it covers. A product of 8 or 16 days that reaches over
the end of a month takes part in both months, with the weight of the days it has in each. Where the
product says which day each pixel was seen on, that day decides instead, pixel by pixel. Variables
that are stamped at their end (rain of GLDAS) count for the time before their image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import ee

from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.products import readable_product
from gee_sm.catalog.quality import checked_quality
from gee_sm.composites.periods import Period, Step, periods

COUNT_SUFFIX = "_count"
_DAY_MS = 86_400_000
_DAYS = "_days"
"""Days an image shares with the period: its weight in a mean."""

_SHARE = "_share"
"""Share of an image's own time that lies in the period: what it gives of its total."""

_RADIANS = math.pi / 180


def composites(
    name: str,
    start: str,
    end: str,
    *,
    step: Step,
    bands: Sequence[str] | None = None,
    quality: str = "good",
    by_day_of_year: bool = True,
    asset: str | None = None,
) -> ee.ImageCollection:
    """Return composites of a product over the whole periods that contain the days asked for.

    Parameters
    ----------
    name : str
        Short name of a product that changes with time.
    start, end : str
        First day and the day after the last one, ``YYYY-MM-DD``, UTC.
    step : {"day", "8 days", "16 days", "month", "season"}
        See :func:`gee_sm.composites.periods.periods`.
    bands : sequence of str, optional
        Our names of the bands wanted; all by default.
    quality : {"good", "usable", "none"}
        Strictness of the product's quality rule.
    by_day_of_year : bool
        Whether the day a pixel was seen on decides about its period, where a product tells it;
        else the overlap of the whole composite does.
    asset : str, optional
        The user's own image collection, for products that Earth Engine does not hold.

    Returns
    -------
    ee.ImageCollection
        One image a period, see :func:`composite`, in the grid of the product.

    Raises
    ------
    ValueError
        If the product does not change with time; and what
        :func:`gee_sm.catalog.products.collection` and :func:`periods` raise.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     rain = composites("chirps", "2020-07-01", "2020-10-01", step="month")
    """
    entry = readable_product(name, asset)
    if entry.is_static:
        raise ValueError(f"{name} does not change with time; read it with collection()")
    wanted = periods(start, end, step)
    chosen = [entry.variable(band) for band in bands] if bands else list(entry.variables)
    variables = [variable for variable in chosen if variable.kind != "day_of_year"]
    if not variables:
        raise ValueError(f"{name}: a day of year alone is not composited; name another band")
    images = entry.within(
        wanted[0].start,
        wanted[-1].end,
        quality=checked_quality(quality),
        asset=asset,
        stamped_at_end=any(variable.stamped_at_end for variable in variables),
    )
    grid = entry.projection(asset, start=wanted[0].start, end=wanted[-1].end)
    seen_on = _day_of_year_band(entry) if by_day_of_year else None

    def of_period(bounds: ee.List) -> ee.Image:
        both = ee.List(bounds)
        found = composite(
            images,
            ee.Number(both.get(0)),
            ee.Number(both.get(1)),
            variables=variables,
            day_of_year=seen_on,
        )
        units = {f"unit_{variable.name}": variable.unit for variable in variables}
        return found.setDefaultProjection(grid).set(units)

    return ee.ImageCollection.fromImages(ee.List(_bounds(wanted)).map(of_period))


def composite(
    images: ee.ImageCollection,
    start_ms: ee.Number | float,
    end_ms: ee.Number | float,
    *,
    variables: Sequence[Variable],
    day_of_year: str | None = None,
) -> ee.Image:
    """Return one image of a period, with how many images each pixel of each band rests on.

    Parameters
    ----------
    images : ee.ImageCollection
        Images with the bands of `variables`, ``system:time_start`` and ``system:time_end``; for
        variables stamped at their end also those that start just after the period.
    start_ms, end_ms : ee.Number or float
        The period in milliseconds since 1970, the end exclusive.
    variables : sequence of Variable
        Bands to composite. States: mean, weighted by the days an image shares with the period.
        Totals: sum, each image giving the share of its total that its shared days have. Classes:
        most frequent, one vote an image; a tie is the reducer's (the emulator's goes to the
        smallest code). Directions: direction of the weighted mean unit vector.
    day_of_year : str, optional
        Band with the day of year each pixel was seen on. A pixel then takes part, in full, in the
        period that day lies in. A day before the image's own first day is one of the next year.

    Returns
    -------
    ee.Image
        For each variable its band, and ``<band>_count``: the number of images, 0 where there is
        none. A period without images has the same bands, masked, and counts of 0. Properties
        ``system:time_start``, ``system:time_end``, ``count`` (images that touch the period; the
        larger number where that differs between variables).
        A sum counts the days that are there; its count tells how many they were.
    """
    start, end = ee.Number(start_ms), ee.Number(end_ms)
    groups = (
        (images, [variable for variable in variables if not variable.stamped_at_end]),
        (images.map(_moved_back), [variable for variable in variables if variable.stamped_at_end]),
    )
    parts = [_of_period(of, start, end, some, day_of_year) for of, some in groups if some]
    found, count = parts[0]
    if len(parts) > 1:
        names = [variable.name for variable in variables]
        found = found.addBands(parts[1][0])
        found = found.select([*names, *(f"{name}{COUNT_SUFFIX}" for name in names)])
        count = count.max(parts[1][1])
    return ee.Image(
        found.set(
            {
                "system:time_start": start,
                "system:time_end": end,
                "system:index": ee.Date(start).format("YYYYMMdd"),
                "count": count,
            }
        )
    )


def _moved_back(image: ee.Image) -> ee.Image:
    """Return an image under the time before its own, as long as it."""
    start = ee.Number(image.get("system:time_start"))
    length = ee.Number(image.get("system:time_end")).subtract(start)
    return ee.Image(image).set(
        {"system:time_start": start.subtract(length), "system:time_end": start}
    )


def _of_period(
    images: ee.ImageCollection,
    start: ee.Number,
    end: ee.Number,
    variables: Sequence[Variable],
    day_of_year: str | None,
) -> tuple[ee.Image, ee.Number]:
    """Return the bands and counts of a period, and how many images touch it."""
    names = [variable.name for variable in variables]
    touching = images.filter(
        ee.Filter.And(
            ee.Filter.lt("system:time_start", end), ee.Filter.gt("system:time_end", start)
        )
    )

    def weighted(image: ee.Image) -> ee.Image:
        return _weighted(ee.Image(image), start, end, names, day_of_year)

    # Without this image an empty period would have no bands, and every later step would fail.
    nothing = (
        ee.Image.constant([0.0] * (len(names) + 2)).rename([*names, _DAYS, _SHARE]).toFloat()
    ).updateMask(0)
    members = touching.map(weighted).merge(ee.ImageCollection([nothing]))
    found = [_reduced(members, variable) for variable in variables]
    counts = members.select(names).count().unmask(0, False)
    counts = counts.toInt32().rename([f"{name}{COUNT_SUFFIX}" for name in names])
    return ee.Image.cat(found).toFloat().addBands(counts), touching.size()


def _bounds(wanted: Sequence[Period]) -> list[list[int]]:
    return [[period.start_ms, period.end_ms] for period in wanted]


def _day_of_year_band(entry: Product) -> str | None:
    found = [variable.name for variable in entry.variables if variable.kind == "day_of_year"]
    return found[0] if found else None


def _weighted(
    image: ee.Image, start: ee.Number, end: ee.Number, names: list[str], day_of_year: str | None
) -> ee.Image:
    """Return the bands of an image with its weights in the period."""
    from_ms = ee.Number(image.get("system:time_start"))
    to_ms = ee.Number(image.get("system:time_end"))
    bands = image.select(names)
    if day_of_year is None:
        shared = to_ms.min(end).subtract(from_ms.max(start))
        days = ee.Image.constant(shared.divide(_DAY_MS))
        share = ee.Image.constant(shared.divide(to_ms.subtract(from_ms)))
    else:
        seen = _seen_ms(image.select(day_of_year), from_ms)
        bands = bands.updateMask(seen.gte(start).And(seen.lt(end)))
        days = share = ee.Image.constant(1.0)
    return bands.toFloat().addBands(days.rename(_DAYS)).addBands(share.rename(_SHARE))


def _seen_ms(day_of_year: ee.Image, from_ms: ee.Number) -> ee.Image:
    first = ee.Date(from_ms)
    year = ee.Number(first.get("year"))
    own = first.getRelative("day", "year").add(1)
    this_year = ee.Date.fromYMD(year, 1, 1).millis()
    next_year = ee.Date.fromYMD(year.add(1), 1, 1).millis()
    new_year = (
        ee.Image.constant(this_year).where(day_of_year.lt(ee.Image.constant(own)), next_year)
    ).toDouble()
    return day_of_year.toDouble().subtract(1).multiply(_DAY_MS).add(new_year)


def _reduced(members: ee.ImageCollection, variable: Variable) -> ee.Image:
    name = variable.name
    if variable.kind == "class":
        return members.select(name).mode().rename(name)
    if variable.kind == "total":
        return members.map(lambda image: _times(ee.Image(image), name, _SHARE)).sum()
    if variable.kind == "direction":
        return _mean_direction(members, name)
    return _weighted_mean(members, name)


def _times(image: ee.Image, name: str, weight: str) -> ee.Image:
    return image.select(name).toDouble().multiply(image.select(weight)).rename(name)


def _weighted_mean(members: ee.ImageCollection, name: str) -> ee.Image:
    def products(member: ee.Image) -> ee.Image:
        image = ee.Image(member)
        # The weight counts only where the band has a value.
        days = image.select(_DAYS).toDouble().updateMask(image.select(name).mask())
        return _times(image, name, _DAYS).addBands(days)

    sums = members.map(products).sum()
    return sums.select(name).divide(sums.select(_DAYS)).rename(name)


def _mean_direction(members: ee.ImageCollection, name: str) -> ee.Image:
    def vector(member: ee.Image) -> ee.Image:
        image = ee.Image(member)
        angle = image.select(name).toDouble().multiply(_RADIANS)
        weight = image.select(_DAYS)
        east = angle.sin().multiply(weight).rename("east")
        return east.addBands(angle.cos().multiply(weight).rename("north"))

    sums = members.map(vector).sum()
    return direction(sums.select("east"), sums.select("north")).rename(name)


def direction(east: ee.Image, north: ee.Image) -> ee.Image:
    """Return the direction of a vector, degrees clockwise from north, in [0, 360)."""
    degrees = north.atan2(east).divide(_RADIANS)
    return degrees.add(360).mod(360)
