"""Product images of one grid, ready for the catalog writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from gee_sm.emulator.catalog import CatalogWriter, SeriesImage
from gee_sm.sample.region import Grid

__all__ = ["ImageSeries", "by_year", "days_of", "image", "noon", "rounded"]


@dataclass(frozen=True)
class ImageSeries:
    """Some images of one collection.

    Parameters
    ----------
    asset_id : str
        Earth Engine id.
    name : str
        Name of the Item.
    images : sequence of SeriesImage
        Indices and times.
    pixels : iterator of mapping of str to ndarray
        Bands of each image, digital numbers.
    grid : Grid
        Grid of all.
    nodata : mapping, optional
        Value of masked pixels by band.
    pyramiding : mapping, optional
        Policy by band.
    """

    asset_id: str
    name: str
    images: Sequence[SeriesImage]
    pixels: Iterator[Mapping[str, np.ndarray]]
    grid: Grid
    nodata: Mapping[str, float | None] = field(default_factory=dict)
    pyramiding: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)

    def write(self, catalog: CatalogWriter) -> None:
        """Add the images to a catalog."""
        catalog.add_series(
            self.asset_id,
            self.name,
            images=self.images,
            pixels=self.pixels,
            crs=self.grid.crs,
            transform=self.grid.transform,
            nodata=self.nodata,
            pyramiding=self.pyramiding,
            properties=self.properties,
        )


def days_of(years: Sequence[int]) -> np.ndarray:
    """Return all UTC days of some years, datetime64[D]."""
    return np.concatenate(
        [np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]") for year in years]
    )


def noon(days: np.ndarray) -> np.ndarray:
    """Return 12:00 UTC of days: when the truth has its daily mean."""
    return days.astype("datetime64[ns]") + np.timedelta64(12, "h")


def image(index: str, start: np.datetime64, length: timedelta, **properties: Any) -> SeriesImage:
    """Describe one image."""
    moment = start.astype("datetime64[s]").astype(datetime).replace(tzinfo=UTC)
    return SeriesImage(index, moment, moment + length, properties)


def by_year(days: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Return the years of some days, and the positions of the days of each."""
    years = days.astype("datetime64[Y]").astype(int) + 1970
    for year in np.unique(years).tolist():
        yield year, np.flatnonzero(years == year)


def rounded(values: np.ndarray, step: float) -> np.ndarray:
    """Round to steps, as float32: digits that noise has made meaningless cost space."""
    return (np.rint(values / step) * step).astype(np.float32)
