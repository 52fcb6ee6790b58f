"""Catalogs of local rasters: static STAC whose collections carry Earth Engine asset ids."""

from __future__ import annotations

from gee_sm.emulator.catalog.series import SeriesImage
from gee_sm.emulator.catalog.writer import CatalogWriter

__all__ = ["CatalogWriter", "SeriesImage"]
