"""What a data set of the Earth Engine catalog is: its identifier, bands, units and period."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from typing import Literal

import ee

_ANY = 1e300
"""Stands for no limit: infinity has no JSON."""


class DeprecatedDatasetWarning(UserWarning):
    """A data set is still readable but has a successor that should be used instead."""


class UnknownBandError(KeyError):
    """A data set was asked for a band it does not have."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Band:
    """One band of a data set, and how its stored numbers become a physical quantity.

    Attributes
    ----------
    name : str
        Band name in Earth Engine.
    unit : str
        Unit after scale and offset are applied; "1" for a ratio, "class" for codes.
    scale, offset : float
        ``physical = stored * scale + offset``.
    description : str
        What the band holds, in a few words.
    valid_range : tuple of float, optional
        Smallest and largest stored number that is a value; what lies outside is masked.
    """

    name: str
    unit: str
    scale: float = 1.0
    offset: float = 0.0
    description: str = ""
    valid_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Dataset:
    """One data set of the catalog.

    Attributes
    ----------
    id : str
        Earth Engine asset id.
    title : str
        Name for people.
    bands : tuple of Band
        The bands this package reads; the asset may have more.
    native_scale_m : float
        Pixel size of the finest band, metres.
    start, end : datetime.date
        First day covered, and the day after the last one (None while it still grows).
    kind : {"collection", "image"}
        Whether the asset is an image collection or a single image.
    successor : str or None
        Id of the data set that replaces it; reading a data set with a successor warns.
    note : str
        What goes wrong most easily.
    native_grid : str
        Reference system and pixel size of the stored pixels, for people.
    period_days : float
        Days that one image stands for; 0 for an instant or a thing that does not change. An image
        of a day or more stands for time from the UTC day that holds its stored time; one of hours
        for the hours of that length, counted from 00 UTC, that hold it. So it does not matter
        whether times are stored of the start or of the middle. (What is of the time before is said
        of the variable: :class:`gee_sm.catalog.product.Variable`.)

    Examples
    --------
    >>> from gee_sm.catalog import dataset
    >>> dataset("COPERNICUS/S2_SR_HARMONIZED").band("B8").scale
    0.0001
    """

    id: str
    title: str
    bands: tuple[Band, ...]
    native_scale_m: float
    start: dt.date
    end: dt.date | None = None
    kind: Literal["collection", "image"] = "collection"
    successor: str | None = None
    note: str = ""
    native_grid: str = ""
    period_days: float = 0.0

    @property
    def band_names(self) -> tuple[str, ...]:
        """Names of the bands in order."""
        return tuple(band.name for band in self.bands)

    def band(self, name: str) -> Band:
        """Return one band.

        Raises
        ------
        UnknownBandError
            If the data set has no band of that name.
        """
        for band in self.bands:
            if band.name == name:
                return band
        raise UnknownBandError(
            f"{self.id} has no band {name!r}; choose one of {', '.join(self.band_names)}"
        )

    def covers(self, start: dt.date, end: dt.date) -> bool:
        """Return whether any day of ``[start, end)`` lies within the data set's period."""
        return start < (self.end or dt.date.max) and end > self.start

    def collection(self) -> ee.ImageCollection:
        """Return the data set as an image collection (a single image becomes its only member)."""
        self._warn_if_superseded()
        if self.kind == "image":
            return ee.ImageCollection([ee.Image(self.id)])
        return ee.ImageCollection(self.id)

    def image(self) -> ee.Image:
        """Return the data set as one image.

        A collection is mosaicked. A mosaic forgets its grid and would be read in pixels of one
        degree by whatever needs neighbours, so it gets the projection of its first image back.
        """
        self._warn_if_superseded()
        if self.kind == "image":
            return ee.Image(self.id)
        images = ee.ImageCollection(self.id).select(list(self.band_names))
        grid = images.first().select(0).projection()
        return images.mosaic().setDefaultProjection(grid)

    def physical(self, image: ee.Image, *names: str) -> ee.Image:
        """Return bands of one of its images in physical units, properties kept.

        Numbers outside a band's valid range are masked before they are scaled.

        Parameters
        ----------
        image : ee.Image
            An image of this data set.
        *names : str
            Bands wanted; all when none is named.

        Raises
        ------
        UnknownBandError
            If the data set has no such band.
        """
        bands = [self.band(name) for name in names] if names else list(self.bands)
        stored = image.select([band.name for band in bands])
        scales = [band.scale for band in bands]
        offsets = [band.offset for band in bands]
        found = stored
        if any(band.valid_range for band in bands):
            ranges = [band.valid_range or (-_ANY, _ANY) for band in bands]
            lowest = ee.Image.constant([low for low, _ in ranges])
            highest = ee.Image.constant([high for _, high in ranges])
            found = found.updateMask(stored.gte(lowest).And(stored.lte(highest)))
        if any(scale != 1.0 for scale in scales):
            found = found.multiply(ee.Image.constant(scales))
        if any(offset != 0.0 for offset in offsets):
            found = found.add(ee.Image.constant(offsets))
        if found is stored:
            return stored
        # Arithmetic drops properties; time and index are what joins and filters live on.
        return ee.Image(found.copyProperties(image, image.propertyNames()))

    def _warn_if_superseded(self) -> None:
        if self.successor:
            warnings.warn(
                f"{self.id} is superseded by {self.successor}; {self.note or 'use that instead'}",
                DeprecatedDatasetWarning,
                stacklevel=3,
            )
