"""Which Sentinel-1 scenes: interferometric wide swath, VV, 10 m, by pass, orbit and season."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Literal

import ee

from gee_sm.catalog.sentinel1 import S1_GRD_FLOAT

Orbit = Literal["A", "D"]

PASSES: dict[str, str] = {"A": "ASCENDING", "D": "DESCENDING"}
"""Orbit letter of the product files to the pass name of the scenes."""

THAW_MONTHS = (7, 8)
"""The thawing season of Li et al. (2025): soil water is liquid."""

FREEZE_MONTHS = (1, 2)
"""The freezing season of Li et al. (2025): the reference without liquid water."""


class UnknownOrbitError(ValueError):
    """An orbit other than ``"A"`` or ``"D"`` was asked for."""


def pass_name(orbit: str) -> str:
    """Return the scenes' pass name of an orbit letter.

    Raises
    ------
    UnknownOrbitError
        If the letter is neither ``"A"`` nor ``"D"``.

    Examples
    --------
    >>> pass_name("A")
    'ASCENDING'
    """
    if orbit not in PASSES:
        raise UnknownOrbitError(
            f"orbit {orbit!r} is unknown; use 'A' (ascending) or 'D' (descending)"
        )
    return PASSES[orbit]


def season_dates(year: int, months: Sequence[int]) -> tuple[str, str]:
    """Return the first day of a season and the day after its last one.

    Parameters
    ----------
    year : int
        The year of the season's last month: December to February of 2020 starts in 2019.
    months : sequence of int
        Consecutive months, 1 to 12, in order.

    Returns
    -------
    tuple of str
        Dates as ``YYYY-MM-DD``; the second one is exclusive.

    Raises
    ------
    ValueError
        If the months are empty, out of range, or not consecutive.

    Examples
    --------
    >>> season_dates(2020, (7, 8))
    ('2020-07-01', '2020-09-01')
    >>> season_dates(2020, (12, 1, 2))
    ('2019-12-01', '2020-03-01')
    """
    months = tuple(months)
    consecutive = all(b == a % 12 + 1 for a, b in itertools.pairwise(months))
    if not months or len(months) > 12 or not consecutive or not all(1 <= m <= 12 for m in months):
        raise ValueError(
            f"a season needs consecutive months between 1 and 12, such as (7, 8); got {months}"
        )
    first_year = year - 1 if months[0] > months[-1] else year
    first = dt.date(first_year, months[0], 1)
    after = dt.date(year + months[-1] // 12, months[-1] % 12 + 1, 1)
    return first.isoformat(), after.isoformat()


def scenes(
    *,
    region: ee.Geometry,
    start: str | ee.Date,
    end: str | ee.Date,
    orbit: str | None = None,
    relative_orbit: int | ee.Number | None = None,
    collection_id: str = S1_GRD_FLOAT.id,
) -> ee.ImageCollection:
    """Return the Sentinel-1 scenes that touch a region within a period.

    Parameters
    ----------
    region : ee.Geometry
        Area of interest.
    start, end : str or ee.Date
        Period in UTC, the end exclusive.
    orbit : {"A", "D"}, optional
        Ascending or descending pass; both when left out.
    relative_orbit : int, optional
        Relative orbit number, 1 to 175; all when left out.
    collection_id : str
        Collection in linear power.

    Returns
    -------
    ee.ImageCollection
        Interferometric wide swath scenes at 10 m that hold VV.

    Raises
    ------
    UnknownOrbitError
        If the orbit is neither ``"A"`` nor ``"D"``.
    """
    found = (
        ee.ImageCollection(collection_id)
        .filterBounds(region)
        .filterDate(start, end)
        .filter(ee.Filter.eq("instrumentMode", "IW"))
        .filter(ee.Filter.eq("resolution_meters", 10))
        .filter(ee.Filter.listContains("transmitterReceiverPolarisation", "VV"))
    )
    if orbit is not None:
        found = found.filter(ee.Filter.eq("orbitProperties_pass", pass_name(orbit)))
    if relative_orbit is not None:
        found = found.filter(ee.Filter.eq("relativeOrbitNumber_start", relative_orbit))
    return found


def backscatter(scene: ee.Image) -> ee.Image:
    """Return VV sigma0 of a scene in linear power, masked where it is not positive.

    Removal of thermal noise leaves zeros and negative numbers in the darkest areas; they have no
    logarithm and no place in a filter's statistics.

    Parameters
    ----------
    scene : ee.Image
        A scene of :func:`scenes`.

    Returns
    -------
    ee.Image
        Band ``VV``, double precision.
    """
    vv = scene.select(["VV"]).toDouble()
    return vv.updateMask(vv.gt(0))


def incidence_angle(scene: ee.Image) -> ee.Image:
    """Return the ellipsoidal incidence angle of a scene, interpolated between its tie points.

    The band lies on a grid of about 20 km. Read bilinearly it has no steps; within half a cell of
    the scene's edge, where there is nothing to interpolate, the nearest tie point stands in.

    Parameters
    ----------
    scene : ee.Image
        A scene of :func:`scenes`.

    Returns
    -------
    ee.Image
        Band ``angle``, degrees.
    """
    angle = scene.select(["angle"])
    return angle.resample("bilinear").unmask(angle).toDouble()
