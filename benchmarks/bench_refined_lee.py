"""The refined Lee filter: the Earth Engine graph on the emulator against its numpy twin.

Run ``python benchmarks/bench_refined_lee.py [--quick]``. Both are timed in this one run on the same
speckle, alternating, so that a busy machine slows both; the graph's time holds everything a caller
waits for: building the graph, the client, reading the scene from its COG, evaluation, the answer.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import ee
import numpy as np
import rasterio
import scipy
from affine import Affine

from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.client import connect_client
from gee_sm.sentinel1.refined_lee import refined_lee

ASSET = "projects/benchmark/assets/scene"
CRS, WEST, NORTH, PIXEL = "EPSG:32646", 406000, 3600000, 10
CASES = {
    "noise estimated": ({}, 0.0),
    "noise estimated, 5 % gaps": ({}, 0.05),
    "noise of 4.4 looks": ({"looks": 4.4}, 0.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="200 x 200 pixels instead of 1000 x 1000, nothing kept"
    )
    quick = parser.parse_args().quick
    size, repeats = (200, 2) if quick else (1000, 5)
    twin = load_twin()
    rows = []
    for name, (options, gaps) in CASES.items():
        power = speckle(size, gaps)
        with tempfile.TemporaryDirectory() as folder:
            write_scene(Path(folder), power)
            with connect_client(folder):
                rows.append(compare(name, power, twin, options, repeats))
    report(size, repeats, rows)
    if not quick:
        keep(size, repeats, rows)


def load_twin() -> Callable[..., np.ndarray]:
    path = Path(__file__).parents[1] / "tests" / "sentinel1" / "refined_lee_twin.py"
    spec = importlib.util.spec_from_file_location("refined_lee_twin", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.refined_lee_twin


def speckle(size: int, gaps: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    power = rng.gamma(4.4, 0.05 / 4.4, (size, size)).astype("float32")
    power[:, size // 2 :] *= 3
    power[rng.random(power.shape) < gaps] = np.nan
    return power


def write_scene(folder: Path, power: np.ndarray) -> None:
    with CatalogWriter(folder, title="benchmark") as catalog:
        grid = Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH)
        catalog.add_image(ASSET, bands={"VV": power}, crs=CRS, transform=grid)


def compare(
    name: str, power: np.ndarray, twin: Callable[..., np.ndarray], options: dict, repeats: int
) -> dict[str, object]:
    valid = np.isfinite(power)
    filtered_on_emulator(power.shape[0], options)
    ours, theirs = [], []
    for _ in range(repeats):
        seconds, found = timed(lambda: filtered_on_emulator(power.shape[0], options))
        ours.append(seconds)
        seconds, wanted = timed(lambda: twin(power, valid, **options))
        theirs.append(seconds)
    difference = float(np.max(np.abs(found[valid] / wanted[valid] - 1)))
    emulator, numpy_twin = float(np.median(ours)), float(np.median(theirs))
    return {
        "case": name,
        "emulator_s": emulator,
        "numpy_twin_s": numpy_twin,
        "ratio": emulator / numpy_twin,
        "largest_relative_difference": difference,
    }


def filtered_on_emulator(size: int, options: dict) -> np.ndarray:
    return ee.data.computePixels(
        {
            "expression": refined_lee(ee.Image(ASSET), **options),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": size, "height": size},
                "affineTransform": {
                    "scaleX": PIXEL,
                    "shearX": 0,
                    "translateX": WEST,
                    "shearY": 0,
                    "scaleY": -PIXEL,
                    "translateY": NORTH,
                },
                "crsCode": CRS,
            },
        }
    )["VV"]


def timed(call: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}, rasterio {rasterio.__version__}, earthengine-api "
        f"{ee.__version__}"
    )


def report(size: int, repeats: int, rows: list[dict[str, object]]) -> None:
    print(f"Refined Lee, 7 x 7, on {size} x {size} pixels; median of {repeats} alternating runs")
    print(machine())
    print()
    print(f"{'case':<28}{'emulator':>12}{'numpy twin':>12}{'ratio':>8}{'difference':>14}")
    for row in rows:
        print(
            f"{row['case']:<28}{row['emulator_s']:>10.2f} s{row['numpy_twin_s']:>10.2f} s"
            f"{row['ratio']:>8.2f}{row['largest_relative_difference']:>14.1e}"
        )


def keep(size: int, repeats: int, rows: list[dict[str, object]]) -> None:
    content = {"machine": machine(), "size": size, "repeats": repeats, "cases": rows}
    path = Path(__file__).parent / "results" / "refined_lee.json"
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(part, path)


if __name__ == "__main__":
    main()
