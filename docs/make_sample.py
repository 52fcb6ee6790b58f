"""Write the tables and figures of ``docs/sample.md``.

Run ``python docs/make_sample.py [FOLDER]``: on a sample that ``gee-sm sample FOLDER`` wrote, or on
one that is written first. What stands between ``<!-- table: name -->`` and ``<!-- end -->`` is
replaced.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from page_parts import replace_part
from rasterio.warp import Resampling, reproject
from scipy.ndimage import uniform_filter

from gee_sm import sample
from gee_sm.sample.expected_collocation import nearest_pixels
from gee_sm.sample.truth_cube import wide_truth_of
from gee_sm.sample.wide_ground import VEGETATION_TYPES
from gee_sm.sample.wide_region import MODIS_GRID, TRUTH_GRID, pixel_mean
from local_core.markdown_table import markdown_table

matplotlib.use("Agg")
from matplotlib import pyplot as plt

DOCS = Path(__file__).resolve().parent
FIGURES = DOCS / "figures"
PAGE = DOCS / "sample.md"
YEARS = (2019, 2020, 2021)


def main() -> None:
    """Write the page's tables and figures."""
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    if len(sys.argv) > 1:
        write_parts(Path(sys.argv[1]), "")
        return
    with tempfile.TemporaryDirectory() as folder:
        started, began = time.process_time(), time.perf_counter()
        path = sample.write(Path(folder) / "sample", progress=True)
        spent, passed = time.process_time() - started, time.perf_counter() - began
        machine = f"a machine with {os.cpu_count()} processors"
        write_parts(
            path, f"Written in {passed:.0f} s, {spent:.0f} s of processor time, on {machine}. "
        )


def write_parts(path: Path, written: str) -> None:
    """Replace every part of the page."""
    for name, text in {
        "assets": written + assets(path),
        "errors": errors(path),
        "collocation": collocation(path),
        "skill": skill(path),
    }.items():
        replace_part(PAGE, f"<!-- table: {name} -->", "<!-- end -->", f"\n{text}\n")
    draw_maps(path)
    draw_series(path)


def assets(path: Path) -> str:
    """What is in the folder, and how large it is."""
    rows, total = [], 0.0
    for folder in sorted(path.iterdir()):
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6
        total += size
        collection = folder / "collection.json"
        if not collection.is_file():
            continue
        about = json.loads(collection.read_text())
        items = sorted(folder.glob("*/item.json"))
        count, bands, grid = 0, 0, ""
        for file in items:
            item = json.loads(file.read_text())
            series = item["properties"].get("gee:series")
            count += 1 if series is None else len(series["system:index"])
            bands = len(item["assets"])
            largest = max(item["assets"].values(), key=lambda a: a["proj:shape"][0])
            grid = " x ".join(map(str, largest["proj:shape"]))
        rows.append([f"`{about['id']}`", count or "table", bands or "", grid, f"{size:.1f}"])
    table = _table([["Asset", "Images", "Bands", "Pixels", "MB"], *rows])
    return f"The whole folder has {total:.0f} MB.\n\n{table}"


def _table(rows: list[list]) -> str:
    head, *body = [[str(cell) for cell in row] for row in rows]
    return markdown_table(pd.DataFrame(body, columns=head)).rstrip("\n")


def errors(path: Path) -> str:
    """Return the stated errors of the soil-moisture products."""
    rows = []
    for name, e in sample.wide_parameters_of(path)["soil_moisture_products"].items():
        rows.append(
            [
                name,
                e["water"],
                e["gain"],
                e["season_kept"],
                ", ".join(map(str, e["offset"])),
                ", ".join(map(str, e["error_std"])),
                e["memory_days"],
                e["smoothing_km"],
            ]
        )
    heads = [
        "Product",
        "Water",
        "Gain",
        "Season kept",
        "Offset",
        "Error std",
        "Memory (d)",
        "s (km)",
    ]
    return _table([heads, *rows])


def collocation(path: Path) -> str:
    """Return stated error standard deviations beside what collocation converges to."""
    days = np.arange("2020-06-15", "2020-09-15", dtype="datetime64[D]")
    rng = np.random.default_rng(1)
    points = rng.uniform(91.3, 93.7, 200), rng.uniform(31.3, 33.7, 200)
    found = sample.expected_collocation(path, days, *points)
    expected = found["expected_error_variance"]
    rows = []
    for name in found["product"].values.tolist():
        stated = np.sqrt(found.error_covariance.sel(product=name, product_b=name).item())
        middle, low, high = np.sqrt(expected.sel(product=name).clip(0).quantile([0.5, 0.1, 0.9]))
        rows.append([name, f"{stated:.4f}", f"{middle:.4f}", f"{low:.4f} to {high:.4f}"])
    head = ["Product", "Stated, of daily values", "Expected, median of 200 points", "10 to 90 %"]
    return _table([head, *rows])


def skill(path: Path) -> str:
    """Return how well linear regression on the predictors can know 1 km soil moisture."""
    numbers = np.arange(182, 244, 4)
    day = np.datetime64("2020-01-01") + numbers
    truth = sample.truth_cube(
        path, day.astype("datetime64[ns]") + np.timedelta64(260, "m"), grid=MODIS_GRID
    ).to_numpy()
    lst = _band(path, "MODIS/061/MOD11A1", "2020/LST_Day_1km", numbers) * 0.02
    quality = _band(path, "MODIS/061/MOD11A1", "2020/QC_Day", numbers)
    ndvi = _band(path, "MODIS/061/MOD13A2", "2020/NDVI", (numbers // 16).tolist()) * 1e-4
    grade = _band(path, "MODIS/061/MOD13A2", "2020/SummaryQA", (numbers // 16).tolist())
    ground = wide_truth_of(path).ground
    height, clay = pixel_mean(MODIS_GRID)(np.stack([ground.elevation, ground.clay]))
    good = (quality == 0) & (grade == 0) & (lst > 0)
    coarse = _coarse_mean(truth)
    columns = {
        "mean over some 36 km, known exactly": coarse,
        "and terrain, clay": [np.broadcast_to(f, truth.shape) for f in (height, clay)],
        "and NDVI": ndvi,
        "and LST by day": lst,
    }
    y = truth[good]
    design, rows = [np.ones(y.size)], []
    for name, fields in columns.items():
        design += [f[good] for f in (fields if isinstance(fields, list) else [fields])]
        matrix = np.stack(design, axis=1)
        residual = y - matrix @ np.linalg.lstsq(matrix, y)[0]
        rows.append([name, f"{residual.std():.4f}", f"{1 - residual.var() / y.var():.2f}"])
    rows.insert(0, ["nothing but the mean", f"{y.std():.4f}", "0.00"])
    about = f"{good.sum():,} clear pixels of {numbers.size} days in July and August 2020."
    return about + "\n\n" + _table([["Known", "RMSE (m3 m-3)", "R2"], *rows])


def _coarse_mean(values: np.ndarray) -> np.ndarray:
    return uniform_filter(values, (0, 39, 39), mode="nearest")


def _band(path: Path, asset_id: str, name: str, numbers) -> np.ndarray:
    with rasterio.open(path / asset_id.replace("/", "__") / f"{name}.tif") as file:
        return np.stack([file.read(int(k) + 1) for k in numbers]).astype(float)


def draw_maps(path: Path) -> None:
    """Draw what the products show of one day."""
    number = _clearest_day(path)
    day = np.datetime64("2020-01-01") + number
    period = (day - number % 16).astype("datetime64[D]")
    truth = sample.truth_cube(path, [day.astype("datetime64[ns]") + np.timedelta64(12, "h")])[0]
    ground = wide_truth_of(path)
    panels = [
        (f"Truth at 1 km, {day} (m3 m-3)", truth.to_numpy(), "YlGnBu", (0.08, 0.32)),
        ("Vegetation: steppe, meadow, swamp meadow", ground.vegetation, "YlGn", (0.5, 3.5)),
        ("Elevation (m)", ground.ground.elevation, "terrain", None),
        (
            "SMAP, morning pass",
            _masked(path, "NASA/SMAP/SPL3SMP_E/005", "2020/soil_moisture_am", number),
            "YlGnBu",
            (0.08, 0.32),
        ),
        (
            "ERA5-Land, 0-7 cm",
            _masked(
                path, "ECMWF/ERA5_LAND/DAILY_AGGR", "2020/volumetric_soil_water_layer_1", number
            ),
            "YlGnBu",
            (0.2, 0.44),
        ),
        (
            "GLDAS, 0-10 cm, 12 UTC (kg m-2)",
            _masked(
                path,
                "NASA/GLDAS/V021/NOAH/G025/T3H",
                f"{str(day)[:7].replace('-', '_')}/SoilMoi0_10cm_inst",
                (int(str(day)[8:]) - 1) * 8 + 4,
            ),
            "YlGnBu",
            (11, 28),
        ),
        (
            "MOD11A1 by day (K)",
            _masked(path, "MODIS/061/MOD11A1", "2020/LST_Day_1km", number) * 0.02,
            "inferno",
            None,
        ),
        (
            f"MOD13A2 NDVI of 16 days from {period}",
            _masked(path, "MODIS/061/MOD13A2", "2020/NDVI", number // 16) * 1e-4,
            "YlGn",
            (0.05, 0.7),
        ),
        (
            f"CHIRPS, the 31 days to {day} (mm)",
            sum(
                _masked(path, "UCSB-CHG/CHIRPS/DAILY", "2020/precipitation", number - before)
                for before in range(31)
            ),
            "Blues",
            None,
        ),
    ]
    figure, axes = plt.subplots(3, 3, figsize=(10.5, 9.6))
    for ax, (title, values, colors, limits) in zip(axes.flat, panels, strict=True):
        low, high = limits or (None, None)
        drawn = ax.imshow(values, cmap=colors, vmin=low, vmax=high, aspect="auto")
        ax.set_title(title)
        ax.set_xticks([])
        ax.set_yticks([])
        bar = figure.colorbar(drawn, ax=ax, shrink=0.85)
        if title.startswith("Vegetation"):
            drawn.set_cmap(plt.get_cmap(colors, len(VEGETATION_TYPES)))
            bar.set_ticks(range(1, len(VEGETATION_TYPES) + 1), labels=["st.", "me.", "sw."])
    figure.tight_layout()
    figure.savefig(FIGURES / "sample_maps.png", dpi=80)
    plt.close(figure)


def _clearest_day(path: Path) -> int:
    """Return the summer day of 2020 that SMAP and MODIS see best, counted from 1 January."""
    best, seen = 0, -1.0
    for number in range(182, 244):
        quality = _band(path, "MODIS/061/MOD11A1", "2020/QC_Day", [number])
        smap = _masked(path, "NASA/SMAP/SPL3SMP_E/005", "2020/soil_moisture_am", number)
        score = (quality == 0).mean() + 0.5 * np.isfinite(smap).mean()
        if score > seen:
            best, seen = number, score
    return best


def _masked(path: Path, asset_id: str, name: str, number: int) -> np.ndarray:
    with rasterio.open(path / asset_id.replace("/", "__") / f"{name}.tif") as file:
        values = file.read(number + 1, masked=True).astype("f4").filled(np.nan)
        if file.crs.is_geographic:
            return values
        # MODIS' grid is slanted against meridians: drawn on the truth's.
        out = np.full(TRUTH_GRID.shape, np.nan, "f4")
        reproject(
            values,
            out,
            src_transform=file.transform,
            src_crs=file.crs,
            dst_transform=TRUTH_GRID.transform,
            dst_crs=TRUTH_GRID.crs,
            dst_nodata=np.nan,
            resampling=Resampling.nearest,
        )
        return out


def draw_series(path: Path) -> None:
    """Draw three years at one station of each vegetation type."""
    with xr.open_dataset(path / "stations/plateau.nc") as opened:
        records = opened[["soil_moisture"]].sel(depth=0.05).load()
    daily = records.soil_moisture.resample(time="D").mean()
    figure, axes = plt.subplots(3, 1, figsize=(10.5, 7.2), sharex=True)
    for ax, name in zip(axes, ("AS01", "AM02", "ASM02"), strict=True):
        site = records.sel(station=name)
        point = float(site.longitude), float(site.latitude)
        for product, asset_id, band, style in (
            ("era5_land", "ECMWF/ERA5_LAND/DAILY_AGGR", "volumetric_soil_water_layer_1", "C1-"),
            ("smap", "NASA/SMAP/SPL3SMP_E/005", "soil_moisture_am", "C0."),
        ):
            times, values = _series(path, asset_id, band, product, point)
            ax.plot(times, values, style, lw=0.8, ms=2.5, label=product)
        ax.plot(daily.time, daily.sel(station=name), "k-", lw=0.8, label="station, 5 cm")
        times = daily.time.to_numpy() + np.timedelta64(12, "h")
        truth = sample.truth_series(path, times, *point)[0]
        ax.plot(times, truth, "C2-", lw=0.8, label="truth, 1 km, surface")
        ax.set_title(f"{name}, {site.vegetation_type.item()}", loc="left")
        ax.set_ylabel("m3 m-3")
        ax.set_ylim(0, 0.5)
    axes[0].legend(ncols=4, frameon=False, loc="upper right")
    figure.tight_layout()
    figure.savefig(FIGURES / "sample_series.png", dpi=80)
    plt.close(figure)


def _series(path: Path, asset_id: str, band: str, product: str, point: tuple[float, float]):
    (row,), (column,) = nearest_pixels(product, *point)
    times, values = [], []
    for year in YEARS:
        item = path / asset_id.replace("/", "__") / str(year)
        about = json.loads((item / "item.json").read_text())["properties"]["gee:series"]
        times.append(np.array(about["system:time_start"], "datetime64[ms]"))
        with rasterio.open(item / f"{band}.tif") as file:
            part = file.read(window=((row, row + 1), (column, column + 1))).astype(float)[:, 0, 0]
        if product == "smap":
            with rasterio.open(item / "retrieval_qual_flag_am.tif") as file:
                flag = file.read(window=((row, row + 1), (column, column + 1)))[:, 0, 0]
            part[flag != 0] = np.nan
        values.append(part)
    return np.concatenate(times), np.concatenate(values)


if __name__ == "__main__":
    main()
