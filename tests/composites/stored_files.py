"""The sample's coarse products read from their files with rioxarray, and decoded by hand.

Nothing here calls gee_sm: what the numbers mean is written down from the products' own manuals.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import rioxarray
import xarray as xr

DAY = np.timedelta64(1, "D")


def stored(folder: Path, asset_id: str, start: str, end: str, bands, window=None) -> xr.Dataset:
    """Stored numbers of the images that start in [start, end): (time, y, x), NaN where masked.

    ``window`` is a pair of slices of rows and columns. Attributes: ``crs`` (WKT) and ``transform``
    of the window.
    """
    collection = folder / asset_id.replace("/", "__")
    rows, columns = window or (slice(None), slice(None))
    parts = []
    for item in sorted(collection.glob("*/item.json")):
        document = json.loads(item.read_text(encoding="utf-8"))
        properties = document["properties"]
        series = properties.get("gee:series") or document.get("gee:series")
        if series is None:
            starts = [properties.get("system:time_start", 0)]
        else:
            starts = series["system:time_start"]
        time = np.array(starts, "datetime64[ms]").astype("datetime64[ns]")
        chosen = np.flatnonzero((time >= np.datetime64(start)) & (time < np.datetime64(end)))
        if not chosen.size:
            continue
        found = {}
        for band in bands:
            with rioxarray.open_rasterio(item.parent / f"{band}.tif", masked=True) as raster:
                cut = raster.isel(band=chosen, y=rows, x=columns).load()
            found[band] = cut.rename(band="time").assign_coords(time=time[chosen])
        parts.append(xr.Dataset(found))
    if not parts:
        raise ValueError(f"{asset_id}: no images from {start} to {end} in {folder}")
    joined = xr.concat(parts, "time").sortby("time").astype("float64")
    grid = parts[0][bands[0]].rio
    joined.attrs.update(crs=grid.crs.to_wkt(), transform=tuple(grid.transform())[:6])
    return joined


def _bits(word: xr.DataArray, first: int, last: int) -> xr.DataArray:
    whole = word.fillna(0).astype("int64")
    return (whole >> first) % 2 ** (last - first + 1)


def land_surface_temperature(data: xr.Dataset, half: str) -> xr.DataArray:
    """MOD11: K, where the mandatory quality bits say "good, not necessary to look further"."""
    dn, word = data[f"LST_{half}_1km"], data[f"QC_{half}"]
    kept = (dn >= 7500) & word.notnull() & (_bits(word, 0, 1) == 0)
    return (dn * 0.02).where(kept)


def vegetation_index(data: xr.Dataset, name: str) -> xr.DataArray:
    """MOD13: where the summary rank is 0, good data, use with confidence."""
    dn, rank = data[name], data["SummaryQA"]
    return (dn * 0.0001).where((dn >= -2000) & (dn <= 10000) & (rank == 0))


def soil_moisture_of_smap(data: xr.Dataset) -> xr.DataArray:
    """SPL3SMP_E in Earth Engine: mean of the passes whose flag is 0."""
    passes = [
        data[f"soil_moisture_{half}"].where(data[f"retrieval_qual_flag_{half}"] == 0)
        for half in ("am", "pm")
    ]
    return xr.concat(passes, "pass").mean("pass")


def moisture_of_gldas(data: xr.Dataset, top_cm: int, bottom_cm: int) -> xr.DataArray:
    """Noah: kg of water under a square metre of a layer over the kg that fill it."""
    mass = data[f"SoilMoi{top_cm}_{bottom_cm}cm_inst"]
    return mass / (1000.0 * (bottom_cm - top_cm) / 100.0)


def rain_of_gldas(data: xr.Dataset) -> xr.DataArray:
    """A rate in kg m-2 s-1 over three hours: mm."""
    return data["Rainf_f_tavg"] * (3 * 60 * 60)


def rain_of_era5_land(data: xr.Dataset) -> xr.DataArray:
    """A depth in m; below zero it is the packing's."""
    return (data["total_precipitation_sum"] * 1000).clip(min=0)


def surface_reflectance(data: xr.Dataset, band: int) -> xr.DataArray:
    """MOD09A1: clear by the state word, and neither snow nor next to cloud."""
    dn, word = data[f"sur_refl_b{band:02d}"], data["StateQA"]
    cloud = _bits(word, 0, 1)
    clear = ((cloud == 0) | (cloud == 3)) & word.notnull()
    for bit in (2, 10, 12, 13, 15):
        clear &= _bits(word, bit, bit) == 0
    clear &= _bits(word, 8, 9) == 0
    return (dn * 0.0001).where(clear & (dn >= -100) & (dn <= 16000))


def albedo(data: xr.Dataset, sky: str, band: str) -> xr.DataArray:
    """MCD43A3: where the band's mandatory quality is 0, a full inversion."""
    dn = data[f"Albedo_{sky}_{band}"]
    full = _bits(data[f"BRDF_Albedo_Band_Mandatory_Quality_{band}"], 0, 0) == 0
    known = data[f"BRDF_Albedo_Band_Mandatory_Quality_{band}"].notnull()
    return (dn * 0.001).where(full & known & (dn >= 0) & (dn <= 1000))


def leaf_area(data: xr.Dataset) -> xr.DataArray:
    """MOD15A2H: good by bit 0, no cloud in bits 3-4 (or not known), main method in bits 5-7."""
    dn, word = data["Lai_500m"], data["FparLai_QC"]
    cloud = _bits(word, 3, 4)
    kept = (_bits(word, 0, 0) == 0) & ((cloud == 0) | (cloud == 3)) & (_bits(word, 5, 7) <= 1)
    return (dn * 0.1).where(kept & word.notnull() & (dn <= 100))
