"""Measure what each step is worth and write the results section of sentinel1-chain.md.

Run ``python docs/make_sentinel1_chain.py``: it writes a sample region into a temporary folder, maps
it on the emulator under every variant, and filters made-up speckle. About five minutes.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import ee
import numpy as np
import pandas as pd
from affine import Affine

from gee_sm import sample
from gee_sm.emulator.client import connect_client
from gee_sm.retrieval.product import soil_moisture_image
from gee_sm.retrieval.recipes import LI2025, ROBUST, Recipe
from gee_sm.sentinel1.refined_lee import FILTER_WIDTH, NOMINAL_LOOKS
from local_core.metrics import scores
from local_core.validation import markdown_table

DOCS = Path(__file__).resolve().parent
BEGIN, END = "<!-- results: written by make_sentinel1_chain.py -->", "<!-- end of results -->"
CRS, SCALE, WEST, NORTH, SHAPE = "EPSG:32646", 100, 405900, 3603700, (76, 98)
REGION = [92.0, 32.5, 92.1, 32.565]


def main() -> None:
    """Rewrite the results section of sentinel1-chain.md."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample"
        sample.write(path, parts=("scenes",))
        text = "\n".join([*steps(path), *threshold_bias(), *filter_looks()])
    page = DOCS / "sentinel1-chain.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def variants() -> Iterator[tuple[str, Recipe]]:
    """From the paper's recipe to the robust one, a choice at a time."""
    yield "`li2025`", LI2025
    pinned = replace(LI2025, pin_scale_m=10.0)
    yield "+ 10 m grid pinned, mean of power", pinned
    after = replace(pinned, threshold="after_filter")
    yield "+ threshold behind the filter", after
    separate = replace(after, difference="per_orbit")
    yield "+ difference per orbit", separate
    filled = replace(separate, optical_fallback_days=ROBUST.optical_fallback_days)
    yield "+ the period's indices where the week is cloudy", filled
    yield "`robust` (+ water and ice by land cover, surface model, buffer)", ROBUST


def steps(path: Path) -> list[str]:
    """Score every variant against the truth of the sample region."""
    rows = []
    with connect_client(path):
        for name, recipe in variants():
            for orbit in ("A", "D"):
                found = mapped(recipe, orbit)
                truth = sample.truth_for(
                    path,
                    year=2020,
                    orbit=orbit,
                    crs=CRS,
                    transform=Affine(SCALE, 0, WEST, 0, -SCALE, NORTH),
                    shape=SHAPE,
                )
                both = np.isfinite(found) & np.isfinite(truth)
                score = scores(found[both], truth[both])
                rows.append(
                    {
                        "recipe": name if orbit == "A" else "",
                        "pass": orbit,
                        "n": int(both.sum()),
                        "r": f"{float(score['r']):.4f}",
                        "bias": f"{float(score['bias']):+.4f}",
                        "ubRMSE": f"{float(score['ubrmse']):.4f}",
                    }
                )
    floors = [
        sample.noise_floor_for(path, year=2020, orbit=orbit, scale=SCALE).total for orbit in "AD"
    ]
    return [
        "### What each choice is worth on the sample region",
        "",
        "Seasonal maps of 2020 at 100 m, default seed, against the truth; m3 m-3. The noise "
        f"floor is {floors[0]:.4f} (A) and {floors[1]:.4f} (D).",
        "",
        table(rows),
        "",
    ]


def mapped(recipe: Recipe, orbit: str) -> np.ndarray:
    """Return the soil moisture of one map."""
    image = soil_moisture_image(
        region=ee.Geometry.Rectangle(REGION), year=2020, orbit=orbit, recipe=recipe, scale_m=SCALE
    )
    missing = -9999.0
    pixels = ee.data.computePixels(
        {
            "expression": image.select("soil_moisture").unmask(missing, False),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": SHAPE[1], "height": SHAPE[0]},
                "affineTransform": {
                    "scaleX": SCALE,
                    "shearX": 0,
                    "translateX": WEST,
                    "shearY": 0,
                    "scaleY": -SCALE,
                    "translateY": NORTH,
                },
                "crsCode": CRS,
            },
        }
    )["soil_moisture"]
    return np.where(pixels == missing, np.nan, pixels).astype(float)


def threshold_bias() -> list[str]:
    """Return what a threshold of -20 to -5 dB does to the mean of speckle, before and behind."""
    twin = load_twin()
    rows = []
    for level in (-20, -19, -18, -17, -16, -14, -10, -8, -6):
        power = np.random.default_rng(0).gamma(
            NOMINAL_LOOKS, 10 ** (level / 10) / NOMINAL_LOOKS, (500, 500)
        )
        before = within(power)
        behind = within(twin(power)[5:-5, 5:-5])
        rows.append(
            {
                "true level, dB": level,
                "bias before the filter, dB": f"{decibel(before.mean()) - level:+.2f}",
                "kept before": f"{before.size / power.size:.0%}",
                "bias behind it, dB": f"{decibel(behind.mean()) - level:+.2f}",
                "kept behind": f"{behind.size / 490**2:.0%}",
            }
        )
    return [
        "### What the threshold cuts off",
        "",
        f"Level ground under speckle of {NOMINAL_LOOKS} looks, 500 x 500 pixels: error of the mean "
        "power of what the threshold of -20 to -5 dB leaves.",
        "",
        table(rows),
        "",
    ]


def filter_looks() -> list[str]:
    """Return the looks behind the filter, and what the standard error assumes."""
    found = load_twin()(
        np.random.default_rng(1).gamma(NOMINAL_LOOKS, 1 / NOMINAL_LOOKS, (1220, 1220))
    )[10:-10, 10:-10]
    rows = []
    for block in (1, 2, 5, 10, 20):
        side = 1200 // block
        means = found.reshape(side, block, side, block).mean(axis=(1, 3))
        rows.append(
            {
                "pixels averaged": f"{block} x {block}",
                "looks without filter": f"{NOMINAL_LOOKS * block**2:.0f}",
                "looks behind it": f"{means.mean() ** 2 / means.var():.0f}",
                "assumed": f"{NOMINAL_LOOKS * (block + FILTER_WIDTH) ** 2:.0f}",
            }
        )
    return [
        "### What the filter leaves of speckle",
        "",
        f"Level ground, uncorrelated speckle of {NOMINAL_LOOKS} looks, 1200 x 1200 pixels; the "
        f"mean of the power changes by {decibel(found.mean()):+.3f} dB.",
        "",
        table(rows),
    ]


def table(rows: list[dict[str, object]]) -> str:
    """Return rows as a table, led by their first column."""
    frame = pd.DataFrame(rows)
    return markdown_table(frame.set_index(frame.columns[0])).rstrip()


def within(power: np.ndarray) -> np.ndarray:
    """Return the pixels between the thresholds."""
    return power[(power >= 10**-2.0) & (power <= 10**-0.5)]


def decibel(power: float) -> float:
    """Return power in dB."""
    return float(10 * np.log10(power))


def load_twin() -> Callable[..., np.ndarray]:
    """Return the numpy twin of the filter, which lives among the tests."""
    path = DOCS.parent / "tests" / "sentinel1" / "refined_lee_twin.py"
    spec = importlib.util.spec_from_file_location("refined_lee_twin", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.refined_lee_twin


if __name__ == "__main__":
    main()
