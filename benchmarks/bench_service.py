"""What the emulator's service adds: requests per second, and files against rasterio by hand.

Run ``python benchmarks/bench_service.py [--quick]``. Everything is measured in this one run, on one
scene of random float32 pixels with a masked tenth, written for the purpose.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ee
import numpy as np
import rasterio
import rasterio.shutil
import rasterio.warp
from affine import Affine
from ee import batch
from google.auth.credentials import AnonymousCredentials
from rasterio.windows import Window

from gee_sm.emulator import CatalogWriter, Emulator, Limits, Server, connect_client
from gee_sm.emulator.client_state import without_stac_fetch

TRANSFORM = Affine(10, 0, 400_000, 0, -10, 3_500_000)
REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a 512-pixel scene, nothing written")
    quick = parser.parse_args().quick
    side = 512 if quick else 3_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = scene(folder / "catalog", side)
        with Emulator(folder / "catalog", limits=Limits.none()) as emulator:
            rows = requests_per_second(emulator, 100 if quick else 500)
            rows += files(emulator, path, side, folder)
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "rasterio": rasterio.__version__,
        "earthengine-api": ee.__version__,
        "scene": f"{side} x {side} float32",
    }
    print(", ".join(f"{key} {value}" for key, value in machine.items()))
    for row in rows:
        ratio = f"{row['ratio']:6.2f}x by hand" if "ratio" in row else ""
        print(f"{row['what']:56} {row['seconds'] * 1000:10.2f} ms  {ratio}")
    if not quick:
        target = Path(__file__).parent / "results" / "service.json"
        target.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")


def scene(folder: Path, side: int) -> Path:
    """Write the scene and return the path of its file."""
    generator = np.random.default_rng(1)
    values = generator.random((side, side), np.float32)
    values[generator.random((side, side)) < 0.1] = np.nan
    with CatalogWriter(folder, overviews=False) as catalog:
        image = catalog.add_image(
            "BENCH/SCENE", bands={"B1": values}, crs="EPSG:32646", transform=TRANSFORM
        )
    return image / "B1.tif"


def median(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the median time of a call in seconds, after one that warms up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def requests_per_second(emulator: Emulator, count: int) -> list[dict[str, Any]]:
    """Time the smallest request, in process and over HTTP."""

    def ask() -> None:
        for _ in range(count):
            ee.Number(1).getInfo()

    with connect_client(emulator):
        inside = median(ask, 3) / count
    with connect_client(emulator), Server(emulator) as server, without_stac_fetch():
        ee.Initialize(AnonymousCredentials(), project="gee-sm-emulator", url=server.url)
        outside = median(ask, 3) / count
    return [
        {"what": "getInfo of a number, in process", "seconds": inside},
        {"what": "getInfo of a number, over HTTP", "seconds": outside},
    ]


def files(emulator: Emulator, path: Path, side: int, folder: Path) -> list[dict[str, Any]]:
    """Time stored pixels as files, through the client and with rasterio by hand."""
    with connect_client(emulator):
        image = ee.Image("BENCH/SCENE")

        def npy() -> np.ndarray:
            return ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY"})

        def npy_by_hand() -> np.ndarray:
            with rasterio.open(path) as dataset:
                array = np.nan_to_num(dataset.read(1))
            buffer = io.BytesIO()
            np.save(buffer, array)
            buffer.seek(0)
            return np.load(buffer)

        np.testing.assert_array_equal(npy()["B1"], npy_by_hand())

        def cog() -> None:
            task = batch.Export.image.toDrive(
                image, "bench", fileFormat="GeoTIFF", formatOptions={"cloudOptimized": True}
            )
            task.start()
            emulator.tasks.get(task.operation_name).finished.wait()
            assert task.status()["state"] == "COMPLETED", task.status()

        def cog_by_hand() -> None:
            copy_by_window(path, folder / "by_hand.tif")

        rows = []
        for what, ours, theirs in (
            ("computePixels, NPY", npy, npy_by_hand),
            ("export of a Cloud-Optimized GeoTIFF", cog, cog_by_hand),
        ):
            seconds, by_hand = median(ours), median(theirs)
            rows.append({"what": what, "seconds": seconds, "ratio": seconds / by_hand})
            rows.append({"what": f"{what}, rasterio by hand", "seconds": by_hand})
        layer = image.getMapId({"min": 0, "max": 1})["tile_fetcher"]
        rows.append(
            {"what": "map tile at 10 m, PNG", "seconds": median(lambda: fetch(layer, path))}
        )
    return rows


def copy_by_window(source: Path, target: Path) -> None:
    """Copy a raster tile by tile and make it Cloud-Optimized, as the exporter does."""
    plain = target.with_suffix(".plain.tif")
    with rasterio.open(source) as read:
        options = {**read.profile, "driver": "GTiff", "blockxsize": 256, "blockysize": 256}
        options["compress"] = "NONE"
        with rasterio.open(plain, "w", **options) as write:
            for top in range(0, read.height, 512):
                for left in range(0, read.width, 512):
                    window = Window(
                        left, top, min(512, read.width - left), min(512, read.height - top)
                    )
                    write.write(read.read(1, window=window), 1, window=window)
    rasterio.shutil.copy(
        plain,
        target,
        driver="COG",
        compress="DEFLATE",
        overview_resampling="AVERAGE",
        num_threads="ALL_CPUS",
    )
    plain.unlink()


def fetch(layer: Any, path: Path) -> None:
    """Fetch one tile in the middle of the scene."""
    with rasterio.open(path) as dataset:
        x, y = dataset.xy(dataset.height // 2, dataset.width // 2)
    (longitude,), (latitude,) = rasterio.warp.transform("EPSG:32646", "EPSG:4326", [x], [y])
    count = 2**13
    column = int((longitude + 180) / 360 * count)
    row = int((1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2 * count)
    layer.fetch_tile(column, row, 13)


if __name__ == "__main__":
    main()
