"""Images: named bands, each with a type, a default projection and a source of pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gee_sm.emulator.coercion import double_of, is_long
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.grid import DEFAULT, Grid, Projection
from gee_sm.emulator.pixels.source import Constant, Source
from gee_sm.emulator.values.pixel_type import PixelType, of_constant


@dataclass(frozen=True)
class Band:
    """One band: its name, type, default projection, and where its pixels come from.

    ``size`` is (width, height) for a stored band, None for a computed one.
    """

    name: str
    type: PixelType
    projection: Projection
    source: Source
    size: tuple[int, int] | None = None

    def named(self, name: str) -> Band:
        """Return the band under another name."""
        if name == self.name:
            return self
        return Band(name, self.type, self.projection, self.source, self.size)

    @property
    def extent(self) -> Grid | None:
        """The stored band's own grid."""
        return None if self.size is None else Grid.of(self.projection, *self.size)


@dataclass(frozen=True)
class Image:
    """An image that has not been computed yet.

    ``footprint`` is None for an unbounded image.
    """

    bands: tuple[Band, ...]
    properties: dict[str, Any] = field(default_factory=dict)
    footprint: Any = None
    id: str | None = None
    version: int | None = None

    @property
    def names(self) -> list[str]:
        """Band names in order."""
        return [band.name for band in self.bands]

    @property
    def first_band(self) -> Band:
        """The first band.

        Raises
        ------
        EarthEngineError
            If there is none.
        """
        if not self.bands:
            raise EarthEngineError("The image has no bands.")
        return self.bands[0]

    def with_bands(self, bands: Iterable[Band]) -> Image:
        """Return the image with other bands, its properties kept."""
        return Image(tuple(bands), self.properties, self.footprint, self.id, self.version)

    def map_bands(self, change: Callable[[Band], Band]) -> Image:
        """Return the image with each band changed."""
        return self.with_bands(change(band) for band in self.bands)

    def with_properties(self, properties: dict[str, Any]) -> Image:
        """Return the image with other properties."""
        return Image(self.bands, properties, self.footprint, self.id, self.version)

    def band(self, name: str) -> Band:
        """Return the band of that name."""
        for band in self.bands:
            if band.name == name:
                return band
        raise EarthEngineError(
            f"Image.select: Band pattern '{name}' did not match any bands. "
            f"Available bands: [{', '.join(self.names)}]"
        )


def unique_names(names: Iterable[str]) -> list[str]:
    """Make band names unique the service's way: ``_1``, ``_2`` ... behind a repeated name."""
    found: list[str] = []
    seen: set[str] = set()
    for name in names:
        candidate, count = name, 0
        while candidate in seen:
            count += 1
            candidate = f"{name}_{count}"
        seen.add(candidate)
        found.append(candidate)
    return found


def constant_band(value: float, name: str = "constant") -> Band:
    """Return a band that has one value everywhere."""
    if isinstance(value, int) and not is_long(value):
        value = double_of(value)
    pixel_type = of_constant(value)
    return Band(name, pixel_type, DEFAULT, Constant(np.asarray(value, pixel_type.dtype)))


def masked_image(names: Iterable[str] = ("constant",)) -> Image:
    """Return an image whose bands have no valid pixel."""
    mask = np.zeros((), bool)
    return Image(
        tuple(
            Band(name, PixelType("int", 0, 0), DEFAULT, Constant(np.zeros((), np.uint8), mask))
            for name in names
        )
    )
