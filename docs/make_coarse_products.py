"""Write the tables of docs/coarse-products.md from the catalog and the papers' lists.

Run ``python docs/make_coarse_products.py`` after a change of the catalog.
"""

from __future__ import annotations

import os
from pathlib import Path

from gee_sm.catalog import DATASETS, PRODUCTS
from gee_sm.catalog.product import Product
from gee_sm.catalog.user_supplied import INSTEAD

PAGE = Path(__file__).with_name("coarse-products.md")
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
PAPERS_BEGIN, PAPERS_END = "<!-- papers: begin -->", "<!-- papers: end -->"

_MOD09 = 'collection("modis_reflectance", START, END).map(water_indices)'
_STATIONS = "gee-sm stations PATHS --out FILE"

PAPERS: tuple[tuple[str, str, str, str], ...] = (
    # Paper, data set, call, remark.
    (
        "Rao, Table 2",
        "SMAP L3_SM_P, 36 km",
        'open_product(FILES, "smap")',
        "HDF5 of NSIDC; the paper takes the morning pass, `soil_moisture_am`",
    ),
    (
        "Rao, Table 2",
        "the same from Earth Engine",
        'to_grid(SMAP, GRIDS["EASE-2 36 km"], native_scale_m=9000)',
        'SMAP = an image of collection("smap", START, END); the enhanced product, 9 km',
    ),
    ("Rao, Table 2", "MOD11A1: LST", 'collection("modis_lst", START, END)', ""),
    ("Rao, Table 2", "MOD13A2: NDVI, EVI", 'collection("modis_ndvi", START, END)', ""),
    ("Rao, Table 2", "MOD15A2H: LAI, FAPAR", 'collection("modis_lai", START, END)', ""),
    ("Rao, Table 2", "MOD09A1: NDWI, LSWI, NSDSI", _MOD09, "eqs. 1 to 3"),
    (
        "Rao, Table 2",
        "MCD43D58: albedo",
        'collection("modis_albedo", START, END, bands=["albedo_white_sky_band7"])',
        "not in Earth Engine: band 7, white sky, of MCD43A3",
    ),
    (
        "Rao, Table 2",
        "SRTM: elevation, slope, aspect",
        'collection("terrain", START, END)',
        "1 arc second; the paper's has 3",
    ),
    (
        "Rao, Table 2",
        "CSCD: sand, silt, clay",
        'collection("soil_texture", START, END)',
        "not in Earth Engine: OpenLandMap, or `soilgrids_texture`",
    ),
    ("Rao, 2.2.5", "Maqu and Babao stations", _STATIONS, "supply the records"),
    (
        "Rao, 2.2.6",
        "rain and temperature of stations",
        'collection("era5_land", START, END, bands=["precipitation", "temperature_2m"])',
        "instead; rain also from `chirps`",
    ),
    ("Rao, Table 3", "SMAP/Sentinel-1", 'open_product(FILES, "smap_sentinel1")', "supply, gridded"),
    ("Rao, Table 3", "AMSR2", 'open_product(FILES, "amsr2")', "supply"),
    ("Rao, Table 3", "C3S, combined", 'open_product(FILES, "c3s_sm")', "supply"),
    ("Rao, Table 3", "ERA5(-Land)", 'collection("era5_land", START, END)', "daily"),
    ("Rao, Table 3", "FLDAS", 'open_product(FILES, "fldas_central_asia")', "supply"),
    ("Qu, 2.2.1", "RFSM, 0.25 degrees", 'open_product(FILES, "rfsm")', "supply"),
    ("Qu, 2.2.1", "all-weather LST, 1 km", 'open_product(FILES, "all_weather_lst")', "supply"),
    (
        "Qu, 2.2.1",
        "the same, stood in for",
        'collection("gap_free_lst_day", START, END)',
        "`gap_free_lst_night` likewise; until 2020",
    ),
    ("Qu, 2.2.2", "GLASS LAI", 'collection("modis_lai", START, END)', "instead"),
    ("Qu, 2.2.2", "GLASS albedo", 'collection("modis_albedo", START, END)', "instead"),
    (
        "Qu, 2.2.2",
        "GLASS fractional cover",
        'collection("modis_ndvi", START, END, bands=["ndvi"]).map(fractional_cover)',
        "instead",
    ),
    ("Qu, 2.2.2", "MCD12Q1", 'collection("modis_land_cover", START, END)', ""),
    ("Qu, 2.2.2", "GTOPO30", 'collection("terrain_1km", START, END)', ""),
    ("Qu, 2.2.2", "CN05.1 rain", 'collection("chirps", START, END)', "instead; given on request"),
    ("Qu, 2.2.3", "four station networks", _STATIONS, "supply the records"),
    (
        "Qu, 3.1",
        "soil evaporative efficiency",
        "evaporative_efficiency(SOIL, DRIEST, WETTEST)",
        "after `soil_temperature` and `temperature_range`; supply the vegetation's temperature",
    ),
    ("TC-LSTM, Table 1", "SMAP L3SMP, 36 km", 'open_product(FILES, "smap")', "or as for Rao"),
    (
        "TC-LSTM, Table 1",
        "ERA5-Land, top layer, monthly",
        'composites("era5_land", START, END, step="month", bands=["soil_moisture_0_7cm"])',
        "",
    ),
    (
        "TC-LSTM, Table 1",
        "GLDAS 2.1 Noah, monthly",
        'composites("gldas", START, END, step="month", bands=["soil_moisture_0_10cm"])',
        "",
    ),
    (
        "TC-LSTM, Table 1",
        "MOD09A1: albedo",
        'composites("modis_reflectance", START, END, step="month", by_day_of_year=False)'
        ".map(broadband_albedo)",
        "Liang (2001); monthly by overlap, as the paper",
    ),
    (
        "TC-LSTM, Table 1",
        "MOD11A2: LST, monthly",
        'composites("modis_lst_8day", START, END, step="month", bands=["lst_day", "lst_night"])',
        "weighted by overlap, as the paper; then `mean_temperature`",
    ),
    ("TC-LSTM, Table 1", "MOD13A3: NDVI", 'collection("modis_ndvi_monthly", START, END)', ""),
    ("TC-LSTM, Table 1", "MCD12Q1", 'collection("modis_land_cover", START, END)', ""),
    ("TC-LSTM, 2.2.2", "SRTM", 'collection("terrain", START, END)', ""),
    (
        "TC-LSTM, 2.2.2",
        "HWSD: sand, silt, clay",
        'collection("soil_texture", START, END)',
        "instead",
    ),
    ("TC-LSTM, 2.2.2", "CHIRPS, monthly", 'composites("chirps", START, END, step="month")', ""),
    ("TC-LSTM, 2.2.1", "36 stations", _STATIONS, "supply the records"),
    ("Chang, II", "ERA5-Land, four layers", 'collection("era5_land", START, END)', "daily"),
    ("Chang, II", "the same from hourly files", 'open_product(FILES, "era5_land")', "supply"),
    ("Chang, II", "CAMP/Tibet and CRS stations", _STATIONS, "supply the records"),
    (
        "Chang, II",
        "MOD13Q1 EVI, June to September",
        'composites("modis_ndvi_250m", START, END, step="month", bands=["evi"])',
        "",
    ),
    ("Chang, II", "vegetation map", "gee-sm correct --vegetation-map FILE", "supply the map"),
    ("Li, Table 1", "five station networks", _STATIONS, "supply the records"),
    ("Li, Methods", "Sentinel-1 GRD", "scenes(region=REGION, start=START, end=END)", ""),
    ("Li, Methods", "Sentinel-2", "reflectance(region=REGION, start=START, end=END)", ""),
    ("Li, Methods", "WorldCover 2021", 'collection("land_cover", START, END)', ""),
    ("Li, Table 2", "ERA5-Land", 'collection("era5_land", START, END)', ""),
    ("Li, Table 2", "GLDAS", 'collection("gldas", START, END)', ""),
    ("Li, Table 2", "ESA CCI", 'open_product(FILES, "esa_cci_sm")', "supply"),
    ("Li, Table 2", "SMAP-1km", 'open_product(FILES, "smap_1km")', "supply"),
    ("Li, Table 2", "Yao et al.", 'open_product(FILES, "yao_2021")', "supply"),
    ("Li, Table 2", "Zheng et al.", 'open_product(FILES, "zheng_2023")', "supply"),
)
"""Every data set of the papers' tables, and the call that gives it."""


def _length(days: float) -> str:
    if days == 0:
        return "does not change"
    if days < 1:
        return f"{days * 24:g} h"
    return {1.0: "day", 31.0: "month", 366.0: "year"}.get(days, f"{days:g} days")


def _bands(entry: Product) -> str:
    by_unit: dict[str, list[str]] = {}
    for variable in entry.variables:
        unit = f"{variable.unit}, sum" if variable.kind == "total" else variable.unit
        by_unit.setdefault(unit, []).append(f"`{variable.name}`")
    return "; ".join(f"{', '.join(names)} ({unit})" for unit, names in by_unit.items())


def _row(entry: Product) -> str:
    if entry.user_supplied:
        source = f"not in Earth Engine: supply {entry.user_supplied}"
    else:
        source = "; ".join(
            f"`{s.id}` {s.start} to {s.end or 'now'}" if entry.period_days else f"`{s.id}`"
            for s in entry.sources
        )
    notes = [s.note for s in entry.sources if s.note]
    cells = [
        f"`{entry.name}`",
        source,
        _bands(entry),
        f"{_length(entry.period_days)}, {entry.sources[0].native_scale_m:g} m",
        entry.quality,
        "; ".join(dict.fromkeys(notes)),
    ]
    return f"| {' | '.join(cells)} |"


def table() -> str:
    """Return the tables of products, of what stands in for others, and of superseded ids."""
    lines = [
        "| name | data set and period | bands (unit) | period, pixel | quality rule | mind |",
        "|---|---|---|---|---|---|",
        *(_row(entry) for entry in PRODUCTS.values()),
        "",
        "Not in Earth Engine, and nothing reads them:",
        "",
        "| name | instead |",
        "|---|---|",
        *(f"| `{name}` | {text} |" for name, text in INSTEAD.items()),
        "",
        "Superseded ids warn (`DeprecatedDatasetWarning`) and name their successor:",
        "",
        "| id | successor |",
        "|---|---|",
        *(f"| `{s.id}` | `{s.successor}` |" for s in DATASETS.values() if s.successor),
    ]
    return "\n".join(lines)


def papers_table() -> str:
    """Return the table of the papers' data sets and the calls that give them."""
    lines = ["| paper | data set | call | remark |", "|---|---|---|---|"]
    lines += [f"| {p} | {data} | `{call}` | {remark} |" for p, data, call, remark in PAPERS]
    return "\n".join(lines)


def main() -> None:
    """Replace the tables of the page."""
    text = PAGE.read_text(encoding="utf-8")
    for begin, end, made in ((BEGIN, END, table()), (PAPERS_BEGIN, PAPERS_END, papers_table())):
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{made}\n{end}{rest.split(end)[1]}"
    partial = PAGE.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, PAGE)


if __name__ == "__main__":
    main()
