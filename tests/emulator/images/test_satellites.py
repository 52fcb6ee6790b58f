"""Landsat's and Sentinel-2's own functions, against the handbooks' formulas written out here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import ee
import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator import connect_client
from gee_sm.emulator.catalog import CatalogWriter

CRS = "EPSG:32646"
GRID = Affine(30, 0, 500_000, 0, -30, 3_600_000)
BANDS = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B10", "QA_PIXEL")
K1, K2 = 774.8853, 1321.0789


def _properties(path: int, cover: float) -> dict[str, object]:
    found: dict[str, object] = {
        "SPACECRAFT_ID": "LANDSAT_8",
        "SUN_ELEVATION": 41.5,
        "CLOUD_COVER": cover,
        "WRS_PATH": path,
        "WRS_ROW": 38,
        "K1_CONSTANT_BAND_10": K1,
        "K2_CONSTANT_BAND_10": K2,
        "RADIANCE_MULT_BAND_10": 3.342e-4,
        "RADIANCE_ADD_BAND_10": 0.1,
    }
    for number in range(1, 8):
        found[f"REFLECTANCE_MULT_BAND_{number}"] = 2e-5
        found[f"REFLECTANCE_ADD_BAND_{number}"] = -0.1
        found[f"RADIANCE_MULT_BAND_{number}"] = 0.012 / number
        found[f"RADIANCE_ADD_BAND_{number}"] = -60.0 / number
    return found


@pytest.fixture(scope="module")
def scenes() -> list[dict[str, np.ndarray]]:
    """Counts of three scenes, from dark ground to cold cloud."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(3):
        cloud = np.clip(rng.normal(0.4, 0.5, (40, 50)), 0, 1)
        counts = {
            name: (7000 + 24_000 * cloud * rng.uniform(0.7, 1.3) + rng.normal(0, 400, cloud.shape))
            for name in BANDS[:7]
        }
        counts["B10"] = 27_000 - 7000 * cloud + rng.normal(0, 200, cloud.shape)
        counts["QA_PIXEL"] = rng.integers(1, 60_000, cloud.shape)
        found.append({name: values.astype(np.uint16) for name, values in counts.items()})
    return found


def _tone(seed: int, shape: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(seed).integers(500, 4000, shape).astype(np.uint16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, scenes) -> Path:
    """A catalog of these scenes and of three bands as Sentinel-2 has them."""
    path = tmp_path_factory.mktemp("satellites") / "catalog"
    with CatalogWriter(path, title="scenes") as writer:
        for index, (counts, cover) in enumerate(zip(scenes, (30.0, 10.0, 20.0), strict=True)):
            writer.add_image(
                "TEST/LANDSAT",
                f"s{index}",
                bands=counts,
                crs=CRS,
                transform=GRID,
                properties=_properties(139, cover),
                time_start=datetime(2020, 7, 1 + index, tzinfo=UTC),
            )
        for name, side, seed in (("B7", 20, 1), ("B8A", 20, 2), ("B8", 10, 3)):
            shape = (800 // side, 800 // side)
            writer.add_image(
                f"TEST/{name}",
                bands={name: _tone(seed, shape)},
                crs=CRS,
                transform=Affine(side, 0, 500_000, 0, -side, 3_600_000),
            )

    return path


@pytest.fixture
def read(folder: Path, client) -> Iterator[Callable[..., dict[str, np.ndarray]]]:
    """Read images of that catalog."""

    def pulled(image: ee.Image, size: tuple[int, int] = (40, 50), side: int = 30):
        request = {
            "expression": image.toDouble().unmask(-9999, False),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": size[1], "height": size[0]},
                "affineTransform": {
                    "scaleX": side,
                    "scaleY": -side,
                    "translateX": 500_000,
                    "translateY": 3_600_000,
                },
                "crsCode": CRS,
            },
        }
        found = ee.data.computePixels(request)
        return {name: found[name] for name in found.dtype.names}

    with connect_client(folder):
        yield pulled


def _scene(index: int) -> ee.Image:
    return ee.Image(f"TEST/LANDSAT/s{index}")


def _toa(counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    sine = np.sin(np.radians(41.5))
    found = {n: (2e-5 * counts[n].astype(float) - 0.1) / sine for n in BANDS[:7]}
    radiance = 3.342e-4 * counts["B10"].astype(float) + 0.1
    return {**found, "B10": K2 / np.log(K1 / radiance + 1)}


def _cloud(toa: dict[str, np.ndarray]) -> np.ndarray:
    def scale(values, low, high):
        return (values - low) / (high - low)

    score = np.ones((40, 50))
    score = np.minimum(score, scale(toa["B2"], 0.1, 0.3))
    score = np.minimum(score, scale(toa["B4"] + toa["B3"] + toa["B2"], 0.2, 0.8))
    score = np.minimum(score, scale(toa["B5"] + toa["B6"] + toa["B7"], 0.3, 0.8))
    score = np.minimum(score, scale(toa["B10"], 300, 290))
    snow = (toa["B3"] - toa["B6"]) / (toa["B3"] + toa["B6"])
    score = np.minimum(score, scale(snow, 0.8, 0.6))
    return 100 * np.clip(score, 0, 1)


def test_radiance_is_slope_times_counts(read, scenes):
    found = read(ee.Algorithms.Landsat.calibratedRadiance(_scene(0)))
    assert tuple(found) == BANDS
    for number in (1, 4, 7):
        expected = 0.012 / number * scenes[0][f"B{number}"].astype(float) - 60 / number
        np.testing.assert_allclose(found[f"B{number}"], expected, rtol=1e-6)
    np.testing.assert_array_equal(found["QA_PIXEL"], scenes[0]["QA_PIXEL"])


def test_reflectance_and_temperature_are_the_handbooks(read, scenes):
    found = read(ee.Algorithms.Landsat.TOA(_scene(1)))
    expected = _toa(scenes[1])
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6)
    np.testing.assert_array_equal(found["QA_PIXEL"], scenes[1]["QA_PIXEL"])


def test_the_cloud_score_is_the_least_of_five_signs(read, scenes):
    toa = ee.Algorithms.Landsat.TOA(_scene(0))
    scored = ee.Algorithms.Landsat.simpleCloudScore(toa)
    assert scored.bandNames().getInfo() == [*BANDS, "cloud"]
    found = read(scored.select("cloud"))["cloud"]
    expected = _cloud(_toa(scenes[0]))
    assert len(np.unique(found)) > 30
    # Single precision in the reflectance may move a score over a whole number.
    assert (np.abs(found - np.floor(expected)) <= 1).all()
    assert (found == np.floor(expected)).mean() > 0.99


@pytest.mark.parametrize("as_float", [True, False])
def test_a_composite_is_a_percentile_of_the_clearest(read, scenes, as_float):
    collection = ee.ImageCollection("TEST/LANDSAT")
    image = ee.Algorithms.Landsat.simpleComposite(collection, 75, 20, 40, as_float)
    found = read(image)
    assert tuple(found) == BANDS[:8]
    each = [_toa(counts) for counts in scenes]
    scores = np.floor(np.stack([_cloud(toa) for toa in each]))
    chosen = scores <= scores.min(0) + 20
    certain = np.ones((40, 50), bool)  # where no score lies at the limit
    for change in (-1, 1):
        certain &= ((scores + change <= scores.min(0) + 20) == chosen).all(0)
    assert certain.mean() > 0.5
    for name, values in found.items():
        stack = np.ma.array(np.stack([toa[name] for toa in each]), mask=~chosen)
        expected = np.nanpercentile(stack.filled(np.nan), 75, axis=0)
        if not as_float:
            expected = expected - 100 if name == "B10" else expected * 255
            expected = np.clip(expected, 0, 255)
        np.testing.assert_allclose(
            values[certain], expected[certain], rtol=1e-6 if as_float else 0,
            atol=0 if as_float else 0.501,
        )  # fmt: skip


def test_the_clearest_scenes_of_each_place_are_kept(read):
    collection = ee.ImageCollection("TEST/LANDSAT")
    limited = ee.Algorithms.Landsat.pathRowLimit(collection, 2)
    assert limited.aggregate_array("CLOUD_COVER").getInfo() == [10, 20]
    moved = collection.map(lambda s: s.set("WRS_PATH", s.getNumber("CLOUD_COVER").gt(25)))
    limited = ee.Algorithms.Landsat.pathRowLimit(moved, 1)
    assert limited.aggregate_array("CLOUD_COVER").getInfo() == [10, 30]
    limited = ee.Algorithms.Landsat.pathRowLimit(collection, 25, 1)
    assert limited.aggregate_array("CLOUD_COVER").getInfo() == [10]


def test_scenes_without_metadata_are_refused(read):
    bare = ee.Image("TEST/B8")
    with pytest.raises(ee.EEException, match="no number in property 'REFLECTANCE_MULT_BAND_8'"):
        ee.Algorithms.Landsat.TOA(bare).bandNames().getInfo()
    with pytest.raises(ee.EEException, match=r"not a scene of Landsat .* is None"):
        ee.Algorithms.Landsat.simpleCloudScore(bare).bandNames().getInfo()


def test_the_cloud_displacement_index(read):
    image = ee.Image.cat([ee.Image(f"TEST/{name}") for name in ("B7", "B8", "B8A")])
    found = read(ee.Algorithms.Sentinel2.CDI(image), (40, 40), 20)["cdi"]
    seven, narrow, wide = (
        _tone(seed, shape).astype(float)
        for seed, shape in ((1, (40, 40)), (2, (40, 40)), (3, (80, 80)))
    )
    wide = wide.reshape(40, 2, 40, 2).mean(axis=(1, 3))

    def variance(values: np.ndarray) -> np.ndarray:
        return np.lib.stride_tricks.sliding_window_view(values, (7, 7)).var(axis=(2, 3))

    first, second = variance(seven / narrow), variance(wide / narrow)
    expected = (first - second) / (first + second)
    np.testing.assert_allclose(found[3:-3, 3:-3], expected, rtol=1e-5, atol=1e-6)
