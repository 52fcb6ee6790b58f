"""Every product by its short name."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence

import ee

from gee_sm.catalog import (
    modis_surface,
    modis_temperature,
    modis_vegetation,
    rain,
    reanalysis,
    smap,
    soil,
    terrain,
    user_supplied,
)
from gee_sm.catalog.dataset import Dataset
from gee_sm.catalog.land_cover import WORLDCOVER_2021
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.quality import Quality, checked_quality


class UnknownProductError(KeyError):
    """A product that the package does not describe was asked for."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnavailableProductError(ValueError):
    """Earth Engine does not hold the product; the message says what to use or supply."""


def _terrain(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    heights = image.select(["elevation"])
    return heights.addBands(ee.Terrain.slope(heights)).addBands(ee.Terrain.aspect(heights))


def _world_cover(image: ee.Image, source: Dataset, quality: Quality) -> ee.Image:
    return image.select(["Map"], ["land_cover"])


def _relief(name: str, title: str, source: Dataset) -> Product:
    return Product(
        name=name,
        title=title,
        sources=(source,),
        variables=(
            Variable("elevation", "m", description=source.bands[0].description),
            Variable("slope", "degree"),
            Variable("aspect", "degree", "direction", "clockwise from north"),
        ),
        decode=_terrain,
    )


_STATIC = (
    _relief("terrain", "SRTM elevation with its slope and aspect", terrain.SRTM),
    _relief("terrain_1km", "GTOPO30 elevation with its slope and aspect", terrain.GTOPO30),
    Product(
        name="land_cover",
        title=WORLDCOVER_2021.title,
        sources=(WORLDCOVER_2021,),
        variables=(Variable("land_cover", "class", "class", "WorldCover codes"),),
        decode=_world_cover,
    ),
)

PRODUCTS: dict[str, Product] = {
    entry.name: entry
    for entries in (
        smap.PRODUCTS,
        reanalysis.PRODUCTS,
        modis_temperature.PRODUCTS,
        modis_vegetation.PRODUCTS,
        modis_surface.PRODUCTS,
        rain.PRODUCTS,
        soil.PRODUCTS,
        _STATIC,
        user_supplied.PRODUCTS,
    )
    for entry in entries
}
"""All products by short name."""


def product(name: str) -> Product:
    """Return the description of a product.

    Parameters
    ----------
    name : str
        Short name, such as ``"smap"``.

    Raises
    ------
    UnknownProductError
        If there is no product of that name; the message names the closest ones.
    UnavailableProductError
        If the name belongs to something Earth Engine lacks and nothing here reads.

    Examples
    --------
    >>> product("gldas").variable("soil_moisture_0_10cm").unit
    'm3 m-3'
    """
    if name in PRODUCTS:
        return PRODUCTS[name]
    instead = user_supplied.INSTEAD.get(name.lower())
    if instead:
        raise UnavailableProductError(f"{name} is not in Earth Engine; {instead}")
    of_id = [entry.name for entry in PRODUCTS.values() if name in [s.id for s in entry.sources]]
    close = of_id or difflib.get_close_matches(name.lower(), PRODUCTS, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(PRODUCTS)}"
    raise UnknownProductError(f"no product {name!r}; {hint}")


def collection(
    name: str,
    start: str | dt.date,
    end: str | dt.date,
    *,
    bands: Sequence[str] | None = None,
    quality: str = "good",
    asset: str | None = None,
) -> ee.ImageCollection:
    """Return the images of a product that touch a period, physical and free of bad pixels.

    Parameters
    ----------
    name : str
        Short name of the product, such as ``"smap"``.
    start, end : str or datetime.date
        First day and the day after the last one, UTC; strings as ``YYYY-MM-DD``.
    bands : sequence of str, optional
        Our names of the bands wanted; all by default.
    quality : {"good", "usable", "none"}
        Strictness of the product's quality rule (its ``quality`` says what each means).
    asset : str, optional
        The user's own image collection, for products that Earth Engine does not hold.

    Returns
    -------
    ee.ImageCollection
        Bands in physical units with properties ``system:time_start`` and ``system:time_end`` (the
        time the image stands for, the end exclusive), ``source``, and ``unit_<band>`` for each
        band. A composite of several days belongs to the period if any of its days does. Variables
        with ``stamped_at_end`` (the rain of GLDAS) are of the time before the image's: their
        images are not moved here, but :func:`gee_sm.composites.temporal.composites` counts them
        where they belong. A thing that does not change comes as one image of the whole period.

    Raises
    ------
    UnknownProductError, UnavailableProductError
        See :func:`product`; also when a product needs `asset` and none is given.
    UnknownBandError, UnknownQualityError
        If there is no such band or strictness.
    ValueError
        If the period is empty, or an asset is given for a product that has its own.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     july = collection("era5_land", "2020-07-01", "2020-08-01", bands=["precipitation"])
    """
    entry = readable_product(name, asset)
    first, last = as_day(start), as_day(end)
    if not first < last:
        raise ValueError(f"a period must end after it starts; got {start} to {end}")
    found = entry.within(first, last, quality=checked_quality(quality), asset=asset)
    if bands is None:
        return found
    wanted = [entry.variable(band).name for band in bands]
    return found.select(wanted)


def readable_product(name: str, asset: str | None = None) -> Product:
    """Return the description of a product that can be read with what is given.

    Parameters
    ----------
    name : str
        Short name, such as ``"smap"``.
    asset : str, optional
        The user's own image collection, for products that Earth Engine does not hold.

    Raises
    ------
    UnknownProductError, UnavailableProductError
        See :func:`product`; also when the product needs `asset` and none is given.
    ValueError
        If an asset is given for a product that has its own.
    """
    entry = product(name)
    if entry.user_supplied and asset is None:
        raise UnavailableProductError(
            f"{name} is not in Earth Engine; supply {entry.user_supplied}, and pass its id as asset"
        )
    if asset is not None and not entry.user_supplied:
        raise ValueError(f"{name} is read from {entry.sources[0].id}; leave asset out")
    return entry


def as_day(day: str | dt.date) -> dt.date:
    """Return a day given as ``YYYY-MM-DD`` or as a date.

    Raises
    ------
    ValueError
        If the text is not a day.
    """
    if isinstance(day, dt.datetime):
        return day.date()
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"a day is written YYYY-MM-DD; got {day!r}") from error
