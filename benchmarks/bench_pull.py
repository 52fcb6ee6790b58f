"""How long pulls take on the emulator, and how many requests they are.

Series at 1,000 places over ten years of daily images (a third of the values missing), cold and from
the cache; the same at 12 places; a cube of three years. The catalog is written for the run.

    python benchmarks/bench_pull.py --out benchmarks/results/pull.json --doc docs/pulling.md
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ee
import numpy as np
import pandas as pd
from affine import Affine

import gee_sm
from gee_sm import pull
from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.catalog.series import SeriesImage
from gee_sm.pull import PullCache

YEARS = range(2010, 2020)
SHAPE = (60, 60)
PIXEL = 0.05


def write_catalog(folder: Path) -> None:
    rng = np.random.default_rng(0)
    with CatalogWriter(folder, title="Ten years of days", overviews=False) as catalog:
        for year in YEARS:
            start = datetime(year, 1, 1, tzinfo=UTC)
            count = (datetime(year + 1, 1, 1, tzinfo=UTC) - start).days
            days = [start + timedelta(days=i) for i in range(count)]
            rain = rng.gamma(1, 3, (count, *SHAPE)).astype("float32")
            rain[rng.random(rain.shape) < 1 / 3] = np.nan
            catalog.add_series(
                "UCSB-CHG/CHIRPS/DAILY",
                str(year),
                images=[SeriesImage(f"{day:%Y%m%d}", day) for day in days],
                pixels=({"precipitation": image} for image in rain),
                crs="EPSG:4326",
                transform=Affine(PIXEL, 0, 91, 0, -PIXEL, 34),
            )


def timed(call):
    start = time.perf_counter()
    found = call()
    return time.perf_counter() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--doc", type=Path, help="Page whose table is written anew.")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    places = pd.DataFrame(
        {
            "station": [f"P{i:04d}" for i in range(1000)],
            "longitude": rng.uniform(91, 94, 1000),
            "latitude": rng.uniform(31, 34, 1000),
        }
    )
    report = {
        "what": "gee_sm.pull on the emulator in this process, CHIRPS daily, 60 x 60 pixels",
        "processors": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "workers": options.workers,
    }
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "catalog"
        report["write_catalog_s"], _ = timed(lambda: write_catalog(folder))
        gee_sm.connect(emulator=folder)
        cache = PullCache(Path(temporary) / "cache")
        for name, count in (("12_places", 12), ("1000_places", 1000)):
            asked = {"cache": cache, "workers": options.workers}

            def series(count=count, asked=asked):
                return pull.stations("chirps", places[:count], "2010-01-01", "2020-01-01", **asked)

            cold, found = timed(series)
            warm, again = timed(series)
            assert again["precipitation"].equals(found["precipitation"])
            report[f"stations_{name}_ten_years"] = {
                "cold_s": round(cold, 2),
                "cached_s": round(warm, 2),
                "requests": found.attrs["requests_asked"],
                "requests_cached_call": again.attrs["requests_asked"],
                "values": int(found["precipitation"].size),
                "cache_mb": round(cache.summary().bytes / 1e6, 2),
            }
            cache.clear()
        region = (91, 31, 94, 34)

        sent = []
        original = ee.data.computePixels
        ee.data.computePixels = lambda request: (sent.append(1), original(request))[1]

        def cube():
            lazy = pull.cube("chirps", "2017-01-01", "2020-01-01", region=region, cache=False)
            return lazy.compute()

        seconds, found = timed(cube)
        report["cube_three_years"] = {
            "seconds": round(seconds, 2),
            "shape": dict(found.sizes),
            "requests": len(sent),
        }
    report["load_after"] = os.getloadavg()[0]
    report["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    text = json.dumps(report, indent=1) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    if options.doc:
        page = options.doc.read_text(encoding="utf-8")
        before, rest = page.split("<!-- table: begin -->\n")
        after = rest.split("<!-- table: end -->")[1]
        options.doc.write_text(
            f"{before}<!-- table: begin -->\n{table(report)}<!-- table: end -->{after}",
            encoding="utf-8",
        )
    sys.stdout.write(text)


def table(report) -> str:
    lines = [
        "| what | values | requests | seconds | seconds again, from the cache |",
        "|---|---|---|---|---|",
    ]
    for places in ("12", "1000"):
        found = report[f"stations_{places}_places_ten_years"]
        lines.append(
            f"| series at {int(places):,} places, 10 years of days | {found['values']:,} "
            f"| {found['requests']} | {found['cold_s']:.0f} | {found['cached_s']:.1f} |"
        )
    cube = report["cube_three_years"]
    shape = cube["shape"]
    values = shape["time"] * shape["y"] * shape["x"]
    lines.append(
        f"| cube of {shape['y']} x {shape['x']} pixels, 3 years of days | {values:,} "
        f"| {cube['requests']} | {cube['seconds']:.0f} | not kept in this run |"
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
