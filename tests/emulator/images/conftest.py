"""Pixels of Earth Engine images through the official client, and a catalog of small rasters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import ee
import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator import ClientConnection, Emulator, connect_client
from gee_sm.emulator.catalog import CatalogWriter

UTM = "EPSG:32646"
ORIGIN = (500_000.0, 3_600_000.0)
# Top, left, height and width of parts of the stored rasters.
WINDOWS = ((17, 31, 53, 13), (0, 100, 40, 50), (64, 3, 1, 90))


def affine_json(transform: Affine) -> dict[str, float]:
    """Return a transform as the REST interface writes it."""
    return {
        "scaleX": transform.a,
        "shearX": transform.b,
        "translateX": transform.c,
        "shearY": transform.d,
        "scaleY": transform.e,
        "translateY": transform.f,
    }


@pytest.fixture(scope="session")
def rasters() -> dict[str, np.ndarray]:
    """The arrays behind the catalog."""
    rng = np.random.default_rng(7)
    smooth = np.cumsum(np.cumsum(rng.normal(size=(120, 150)), 0), 1)
    smooth = (smooth - smooth.mean()) / smooth.std()
    gaps = rng.random((120, 150)) < 0.2
    return {
        "value": (smooth * 10 + 50).astype(np.float32),
        "count": rng.integers(0, 200, (120, 150)).astype(np.uint8),
        "gappy": np.where(gaps, np.nan, rng.gamma(4.4, 1 / 4.4, (120, 150))).astype(np.float32),
        "classes": rng.integers(0, 5, (120, 150)).astype(np.uint8),
        "elevation": (4500 + 80 * smooth).astype(np.float32),
        # Large enough to have a pyramid of two levels above its own pixels.
        "big": np.where(
            rng.random((480, 600)) < 0.2, np.nan, rng.gamma(4.4, 1 / 4.4, (480, 600))
        ).astype(np.float32),
        "big_classes": rng.integers(0, 5, (480, 600)).astype(np.uint8),
    }


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory, rasters: dict[str, np.ndarray]) -> Path:
    """A catalog with one image, one collection of three dates, and a DEM."""
    path = tmp_path_factory.mktemp("catalog") / "images"
    transform = Affine(10, 0, ORIGIN[0], 0, -10, ORIGIN[1])
    with CatalogWriter(path, title="test rasters") as writer:
        writer.add_image(
            "TEST/IMAGE",
            bands={k: rasters[k] for k in ("value", "count", "gappy", "classes")},
            crs=UTM,
            transform=transform,
            nodata={"value": np.nan, "gappy": np.nan},
            pyramiding={"classes": "MODE"},
            properties={"answer": 42},
            time_start=datetime(2020, 7, 1, tzinfo=UTC),
        )
        writer.add_image(
            "TEST/BIG",
            bands={"big": rasters["big"], "big_classes": rasters["big_classes"]},
            crs=UTM,
            transform=transform,
            nodata={"big": np.nan},
            pyramiding={"big_classes": "MODE"},
        )
        writer.add_image(
            "TEST/DEM", bands={"elevation": rasters["elevation"]}, crs=UTM, transform=transform
        )
        for day in (1, 2, 3):
            writer.add_image(
                "TEST/SERIES",
                f"day{day}",
                bands={"value": rasters["value"] * day, "gappy": rasters["gappy"]},
                crs=UTM,
                transform=transform,
                nodata=np.nan,
                properties={"day": day},
                time_start=datetime(2020, 7, day, tzinfo=UTC),
            )
    return path


@pytest.fixture(scope="session")
def emulator(catalog: Path) -> Iterator[Emulator]:
    """The emulator of the catalog."""
    with Emulator(catalog) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def client(emulator: Emulator) -> Iterator[ClientConnection]:
    """The official client, started on the catalog.

    Anew for each test: files of other folders run in between, and start it elsewhere.
    """
    with connect_client(emulator) as connection:
        yield connection


Pull = Callable[..., dict[str, np.ma.MaskedArray]]


@pytest.fixture
def pull() -> Pull:
    """Read an image on a grid: masked arrays by band name.

    The grid defaults to that of the stored rasters.
    """

    def read(
        image: ee.Image,
        shape: tuple[int, int] = (120, 150),
        transform: Affine | None = None,
        crs: str = UTM,
    ) -> dict[str, np.ma.MaskedArray]:
        transform = transform or Affine(10, 0, ORIGIN[0], 0, -10, ORIGIN[1])
        grid = {
            "dimensions": {"width": shape[1], "height": shape[0]},
            "affineTransform": affine_json(transform),
            "crsCode": crs,
        }
        names = image.bandNames().getInfo()
        masks = image.mask().rename([f"{n}__mask" for n in names]).toDouble()
        both = image.toDouble().unmask(0, False).addBands(masks)
        found = ee.data.computePixels(
            {"expression": both, "fileFormat": "NUMPY_NDARRAY", "grid": grid}
        )
        return {n: np.ma.array(found[n], mask=found[f"{n}__mask"] == 0) for n in names}

    return read


@pytest.fixture
def pull_tiled(pull: Pull) -> Pull:
    """Read an image as ``pull`` does, and assert that windows of it have the same bits."""

    def read(image: ee.Image, windows: Sequence[tuple[int, int, int, int]] = WINDOWS):
        whole = pull(image)
        for top, left, height, width in windows:
            corner = Affine(10, 0, ORIGIN[0] + 10 * left, 0, -10, ORIGIN[1] - 10 * top)
            part = pull(image, (height, width), corner)
            index = np.s_[top : top + height, left : left + width]
            for name, values in whole.items():
                masks = np.ma.getmaskarray(values)[index]
                np.testing.assert_array_equal(masks, np.ma.getmaskarray(part[name]))
                np.testing.assert_array_equal(values.filled(0)[index], part[name].filled(0))
        return whole

    return read


@pytest.fixture
def at_point() -> Callable[[ee.Image], dict[str, float | None]]:
    """Read an image at one point on a 10 m grid."""
    point = ee.Geometry.Point([10.0, 50.0])

    def read(image: ee.Image) -> dict[str, float | None]:
        return image.reduceRegion(ee.Reducer.first(), point, crs="EPSG:32632", scale=10).getInfo()

    return read
