"""Writes the coarse products of the wide region, and the truth behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import gee_sm
from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.sample import (
    modis_500m,
    modis_greenness,
    modis_temperature,
    rain_product,
    reanalysis_products,
    smap_product,
    static_layers,
)
from gee_sm.sample.image_series import ImageSeries, days_of
from gee_sm.sample.modis_sky import SKY_PARAMETERS
from gee_sm.sample.moisture_products import PRODUCT_DEPTHS
from gee_sm.sample.product_errors import PRODUCT_ERRORS, SHARED_ERROR
from gee_sm.sample.profile_stations import (
    STATION_PARAMETERS,
    TABLE_ID,
    station_features,
    write_station_records,
)
from gee_sm.sample.region import Grid
from gee_sm.sample.wide_ground import GROUND_PARAMETERS
from gee_sm.sample.wide_region import TRUTH_GRID, WIDE_BOUNDS
from gee_sm.sample.wide_truth import TRUTH_PARAMETERS, WideTruth
from gee_sm.sample.wide_weather import WEATHER_PARAMETERS
from local_core.atomic_write import write_text

__all__ = ["COARSE_PRODUCTS", "COARSE_YEARS", "PARAMETERS_FILE", "write_coarse"]


def _write_stations(
    catalog: CatalogWriter, truth: WideTruth, seed: int, years: Sequence[int]
) -> None:
    """Add the table of stations, and their records beside the catalog's assets."""
    days = days_of(years)
    stations = write_station_records(catalog.path, truth, seed, np.arange(days[0], days[-1] + 1))
    catalog.add_table(TABLE_ID, station_features(stations))
    catalog.describe(TABLE_ID, title="Soil moisture profiles, hourly (synthetic)")


COARSE_YEARS = (2019, 2020, 2021)
"""Years of the coarse products if none are asked for."""

PARAMETERS_FILE = "wide.json"
"""File of every parameter, in the truth folder."""

_Product = Callable[[WideTruth, int, np.ndarray], Iterator[ImageSeries]]

_SERIES: Mapping[str, tuple[_Product, str]] = {
    "smap": (smap_product.smap_series, "SMAP L3 enhanced soil moisture (synthetic)"),
    "era5_land": (reanalysis_products.era5_series, "ERA5-Land, daily (synthetic)"),
    "gldas": (reanalysis_products.gldas_series, "GLDAS 2.1 Noah, 3-hourly (synthetic)"),
    "chirps": (rain_product.chirps_series, "CHIRPS rain, daily (synthetic)"),
    "modis_lst": (modis_temperature.lst_series, "MODIS Terra LST, daily, 1 km (synthetic)"),
    "modis_ndvi": (modis_greenness.ndvi_series, "MODIS Terra NDVI, 16 days, 1 km (synthetic)"),
    "modis_reflectance": (
        modis_500m.reflectance_series,
        "MODIS Terra reflectance, 8 days, 500 m (synthetic)",
    ),
    "modis_albedo": (modis_500m.albedo_series, "MODIS albedo, 500 m (synthetic)"),
    "modis_lai": (modis_500m.leaf_area_series, "MODIS Terra leaf area, 8 days, 500 m (synthetic)"),
}
"""Products of many images by the names of :mod:`gee_sm.catalog`: their makers and titles."""

_STATIC: Mapping[str, Callable[[CatalogWriter, WideTruth, int, Sequence[int]], None]] = {
    "modis_land_cover": static_layers.write_land_cover,
    "soil_texture": static_layers.write_soil_texture,
    "terrain": static_layers.write_terrain,
    "stations": _write_stations,
}

COARSE_PRODUCTS = (*_SERIES, *_STATIC)
"""Names of all products of the wide region."""


def write_coarse(
    catalog: CatalogWriter,
    folder: Path,
    *,
    seed: int,
    years: Sequence[int] = COARSE_YEARS,
    products: Sequence[str] | None = None,
    progress: bool = False,
) -> None:
    """Write the products into a catalog and their truth into a folder.

    Parameters
    ----------
    catalog : CatalogWriter
        Open catalog.
    folder : Path
        Folder of the truth, which exists.
    seed : int
        The sample's seed.
    years : sequence of int, default (2019, 2020, 2021)
        Whole years.
    products : sequence of str, optional
        Names from :data:`COARSE_PRODUCTS`; all by default.
    progress : bool, default False
        Show a progress bar.
    """
    chosen = list(COARSE_PRODUCTS if products is None else products)
    truth = WideTruth.of_seed(seed)
    days = days_of(years)
    with tqdm(chosen, desc="coarse products", unit="product", disable=not progress) as bar:
        for name in bar:
            bar.set_postfix_str(name)
            if name in _STATIC:
                _STATIC[name](catalog, truth, seed, years)
                continue
            make, title = _SERIES[name]
            for series in make(truth, seed, days):
                series.write(catalog)
            catalog.describe(series.asset_id, title=title)
    truth.save(folder)
    _write_json(folder / PARAMETERS_FILE, _parameters(seed, years, chosen))


def _parameters(seed: int, years: Sequence[int], products: Sequence[str]) -> dict[str, Any]:
    return {
        "description": (
            "Truth and errors of the coarse products. wide_maps.nc and wide_weather.nc hold the "
            "truth's maps and series; gee_sm.sample.truth_cube puts them together. Errors are "
            "in m3 m-3 of the product; see docs/sample.md."
        ),
        "version": gee_sm.__version__,
        "seed": seed,
        "years": list(years),
        "products": list(products),
        "region": list(WIDE_BOUNDS),
        "truth_grid": _grid(TRUTH_GRID),
        "weather": WEATHER_PARAMETERS,
        "ground": GROUND_PARAMETERS,
        "truth": TRUTH_PARAMETERS,
        "soil_moisture_products": {
            name: {**error.to_json(), "depths_cm": list(PRODUCT_DEPTHS[name])}
            for name, error in PRODUCT_ERRORS.items()
        },
        "error_correlation": {"era5_land and gldas": SHARED_ERROR},
        "smap": smap_product.SMAP_PARAMETERS,
        "reanalyses": reanalysis_products.REANALYSIS_PARAMETERS,
        "chirps": rain_product.RAIN_PARAMETERS,
        "clouds": SKY_PARAMETERS,
        "modis_lst": modis_temperature.TEMPERATURE_PARAMETERS,
        "modis_ndvi": modis_greenness.GREENNESS_PARAMETERS,
        "modis_500m": modis_500m.SURFACE_PARAMETERS,
        "static": static_layers.STATIC_PARAMETERS,
        "stations": STATION_PARAMETERS,
    }


def _grid(grid: Grid) -> dict[str, Any]:
    return {"crs": grid.crs, "transform": list(grid.transform)[:6], "shape": list(grid.shape)}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(content, indent=1) + "\n")
