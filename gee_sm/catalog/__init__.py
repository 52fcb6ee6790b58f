"""What the data sets are: identifiers, bands, scales, units, periods and their successors."""

from __future__ import annotations

import difflib

from gee_sm.catalog import (
    land_cover,
    modis_surface,
    modis_temperature,
    modis_vegetation,
    rain,
    reanalysis,
    sentinel1,
    sentinel2,
    smap,
    soil,
    terrain,
)
from gee_sm.catalog.dataset import Band, Dataset, DeprecatedDatasetWarning, UnknownBandError
from gee_sm.catalog.product import Product, Variable
from gee_sm.catalog.products import (
    PRODUCTS,
    UnavailableProductError,
    UnknownProductError,
    collection,
    product,
)
from gee_sm.catalog.quality import UnknownQualityError

__all__ = [
    "DATASETS",
    "PRODUCTS",
    "Band",
    "Dataset",
    "DeprecatedDatasetWarning",
    "Product",
    "UnavailableProductError",
    "UnknownBandError",
    "UnknownDatasetError",
    "UnknownProductError",
    "UnknownQualityError",
    "Variable",
    "collection",
    "dataset",
    "product",
]

DATASETS: dict[str, Dataset] = {
    entry.id: entry
    for module in (
        sentinel1,
        sentinel2,
        terrain,
        land_cover,
        smap,
        reanalysis,
        modis_temperature,
        modis_vegetation,
        modis_surface,
        rain,
        soil,
    )
    for entry in module.DATASETS
}
"""All known data sets by their Earth Engine id."""


class UnknownDatasetError(KeyError):
    """A data set that the package does not describe was asked for."""

    def __str__(self) -> str:
        return str(self.args[0])


def dataset(asset_id: str) -> Dataset:
    """Return the description of a data set.

    Parameters
    ----------
    asset_id : str
        Earth Engine asset id, such as ``"COPERNICUS/S1_GRD_FLOAT"``.

    Raises
    ------
    UnknownDatasetError
        If the id is not described here; the message names the closest ones.

    Examples
    --------
    >>> dataset("ESA/WorldCover/v200").native_scale_m
    10.0
    """
    if asset_id in DATASETS:
        return DATASETS[asset_id]
    close = difflib.get_close_matches(asset_id, DATASETS, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(DATASETS)}"
    raise UnknownDatasetError(f"no data set {asset_id!r} in the catalog; {hint}")
