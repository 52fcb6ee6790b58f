"""Series of images in one Item: judged by pystac, rasterio, rioxarray and the official client."""

from __future__ import annotations

import json
import weakref
from datetime import UTC, datetime, timedelta

import ee
import numpy as np
import pystac
import pytest
import rasterio
import rioxarray
from affine import Affine

from gee_sm.emulator import connect_client
from gee_sm.emulator.catalog import CatalogWriter, SeriesImage
from gee_sm.emulator.errors import CatalogError

ASSET = "test/rain"
GRID = Affine(0.05, 0, 91, 0, -0.05, 34)
SHAPE = (20, 30)
START = datetime(2020, 7, 1, tzinfo=UTC)
POINT = [91 + 0.05 * 4.5, 34 - 0.05 * 3.5]


def described(count, **changes):
    """Images of successive days."""
    return [
        SeriesImage(
            f"{START + timedelta(days=k):%Y%m%d}",
            START + timedelta(days=k),
            START + timedelta(days=k + 1),
            {"number": k, **changes},
        )
        for k in range(count)
    ]


def pixels(count, seed=0):
    """Rain with a hole and a byte of quality, different every day."""
    rng = np.random.default_rng(seed)
    for day in range(count):
        rain = rng.gamma(0.5, 4.0, SHAPE).astype("f4")
        rain[5, 5 + day % 3] = np.nan
        yield {"rain": rain, "quality": rng.integers(0, 4, SHAPE, dtype="u1")}


def write(path, count=40, name="2020", **changes):
    with CatalogWriter(path, title="Rain") as catalog:
        catalog.add_series(
            ASSET,
            name,
            **{
                "images": described(count),
                "pixels": pixels(count),
                "crs": "EPSG:4326",
                "transform": GRID,
                "nodata": {"quality": 3},
                "pyramiding": {"quality": "MODE"},
                "properties": {"platform": "none"},
                **changes,
            },
        )
    return path


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return write(tmp_path_factory.mktemp("series"))


def test_files_hold_an_image_a_band(catalog):
    for name in ("rain", "quality"):
        with rasterio.open(catalog / f"test__rain/2020/{name}.tif") as file:
            assert file.count == 40
            assert file.transform == GRID
            assert file.profile["interleave"] == "band"
            assert file.block_shapes[0] == SHAPE
            for number, expected in enumerate(pixels(40), start=1):
                np.testing.assert_array_equal(file.read(number), expected[name])


def test_large_images_are_tiled(tmp_path):
    images = [SeriesImage(f"a{k}", START) for k in range(2)]
    bands = ({"b": np.full((300, 500), k, "i2")} for k in range(2))
    with CatalogWriter(tmp_path) as catalog:
        folder = catalog.add_series(
            ASSET, "x", images=images, pixels=bands, crs="EPSG:4326", transform=GRID
        )
    with rasterio.open(folder / "b.tif") as file:
        assert file.block_shapes[0] == (256, 256)
        assert (file.read(2) == 1).all()


def test_the_item_is_a_datacube(catalog):
    item = pystac.Item.from_file(str(catalog / "test__rain/2020/item.json"))
    assert any("datacube" in extension for extension in item.stac_extensions)
    # pystac carries the core schemas; those of the extensions are on the web only.
    item.stac_extensions = []
    assert item.validate()
    time = item.properties["cube:dimensions"]["time"]
    assert time["values"][:2] == ["2020-07-01T00:00:00Z", "2020-07-02T00:00:00Z"]
    assert item.properties["start_datetime"] == "2020-07-01T00:00:00Z"
    assert item.properties["end_datetime"] == "2020-08-10T00:00:00Z"
    opened = rioxarray.open_rasterio(catalog / "test__rain/2020/rain.tif")
    assert opened.shape == (len(time["values"]), *SHAPE)
    assert opened.rio.crs.to_epsg() == 4326


def test_the_client_sees_ordinary_images(catalog):
    with connect_client(catalog):
        images = ee.ImageCollection(ASSET)
        assert images.size().getInfo() == 40
        day = images.filterDate("2020-07-09", "2020-07-10")
        assert day.size().getInfo() == 1
        found = day.first().getInfo()
        assert found["id"] == "test/rain/20200709"
        assert [band["id"] for band in found["bands"]] == ["rain", "quality"]
        properties = found["properties"]
        assert properties.pop("system:footprint")["type"] == "Polygon"
        assert properties.pop("system:asset_size") > 0
        assert properties == {
            "platform": "none",
            "number": 8,
            "system:index": "20200709",
            "system:time_start": 1594252800000,
            "system:time_end": 1594339200000,
        }
        assert ee.Image("test/rain/20200709").get("number").getInfo() == 8
        assert images.filter(ee.Filter.gt("number", 35)).size().getInfo() == 4


def test_the_client_reads_what_rasterio_reads(catalog):
    expected = [bands["rain"][3, 4] for bands in pixels(40)]
    with connect_client(catalog):
        rows = ee.ImageCollection(ASSET).select("rain").getRegion(ee.Geometry.Point(POINT), 5000)
        found = [row[4] for row in rows.getInfo()[1:]]
        total = ee.ImageCollection(ASSET).select("rain").sum()
        whole = total.reduceRegion("first", ee.Geometry.Point(POINT), 5000).getInfo()["rain"]
        hidden = ee.Image("test/rain/20200701").select("rain").mask()
        masked = hidden.reduceRegion(
            "sum",
            ee.Geometry.Rectangle([91, 33, 92.5, 34], "EPSG:4326", False),
            crs="EPSG:4326",
            crsTransform=list(GRID)[:6],
        ).getInfo()["rain"]
    np.testing.assert_array_equal(np.array(found, "f4"), expected)
    assert whole == pytest.approx(np.sum(expected, dtype="f8"), rel=1e-6)
    assert masked == pytest.approx(np.prod(SHAPE) - 1)


def test_series_and_single_images_live_in_one_collection(tmp_path):
    write(tmp_path, 3)
    with CatalogWriter(tmp_path) as catalog:
        catalog.add_image(
            ASSET,
            "20200630",
            bands=next(pixels(1)),
            crs="EPSG:4326",
            transform=GRID,
            time_start=START - timedelta(days=1),
        )
        later = [SeriesImage(f"2021070{k}", START.replace(year=2021, day=k)) for k in (1, 2)]
        catalog.add_series(
            ASSET, "2021", images=later, pixels=pixels(2), crs="EPSG:4326", transform=GRID
        )
    with connect_client(tmp_path):
        found = ee.ImageCollection(ASSET).aggregate_array("system:index").getInfo()
    assert found == ["20200630", "20200701", "20200702", "20200703", "20210701", "20210702"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": []}, "series '2020' of 'test/rain' has no images"),
        ({"pixels": []}, "has no bands"),
        ({"pixels": pixels(3)}, "has 4 images but pixels of 3 only"),
        ({"pixels": pixels(5)}, "has 4 images but pixels of more"),
        ({"images": [*described(3), described(1)[0]]}, "'20200701' .*is given twice"),
        ({"images": [*described(3), SeriesImage("x", START, START)]}, r"has the properties \[\]"),
        (
            {"images": [SeriesImage(f"a{k}", START, START - timedelta(k)) for k in range(4)]},
            "image 'a1' .*ends before it starts",
        ),
        ({"images": described(4, number=float("nan"))}, "property 'number' of image '20200701'"),
        (
            {"pixels": [{"rain": np.zeros((2, k), "f4")} for k in (2, 2, 3, 2)]},
            "band 'rain' of image '20200703' .*give one type and shape",
        ),
        (
            {"pixels": [{name: np.zeros((2, 2), "f4")} for name in ("a", "b", "a", "a")]},
            r"image '20200702' .*has the bands \['b'\]",
        ),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, changes, message):
    if "rain" in message or "bands" in message:
        changes = {"nodata": None, "pyramiding": None, **changes}
    with pytest.raises(CatalogError, match=message):
        write(tmp_path / "c", 4, **changes)
    assert [path for path in (tmp_path / "c").rglob("*") if path.is_file()] == []


def test_an_interrupted_series_leaves_nothing(tmp_path):
    def interrupted():
        yield from pixels(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "c", 4, pixels=interrupted())
    assert list((tmp_path / "c").iterdir()) == []


def test_memory_does_not_follow_the_length(tmp_path):
    """Of 60 images of 1 MB no more than a few are alive at a time."""
    alive, most = [0], [0]

    def images():
        for k in range(60):
            values = np.full((512, 512), k, "f4")
            weakref.finalize(values, lambda: alive.__setitem__(0, alive[0] - 1))
            alive[0] += 1
            most[0] = max(most[0], alive[0])
            yield {"b": values}
            del values

    with CatalogWriter(tmp_path) as catalog:
        folder = catalog.add_series(
            ASSET,
            "x",
            images=[SeriesImage(f"a{k}", START) for k in range(60)],
            pixels=images(),
            crs="EPSG:4326",
            transform=GRID,
        )
    with rasterio.open(folder / "b.tif") as file:
        assert [file.read(k + 1)[0, 0] for k in range(60)] == list(range(60))
    assert most[0] <= 8


def test_a_series_of_thousands_reads_one(tmp_path):
    """Reading an image touches its own tile: the others may be unreadable."""
    path = write(tmp_path / "c", 6)
    file = path / "test__rain/2020/rain.tif"
    with rasterio.open(file) as dataset:
        offsets = [
            int(dataset.tags(k, ns="TIFF")["BLOCK_OFFSET_0_0"])
            if "BLOCK_OFFSET_0_0" in dataset.tags(k, ns="TIFF")
            else int(dataset.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", k))
            for k in range(1, 7)
        ]
    content = bytearray(file.read_bytes())
    for k in (0, 1, 2, 4, 5):
        content[offsets[k] : offsets[k] + 40] = b"\xff" * 40
    file.write_bytes(content)
    fourth = list(pixels(6))[3]["rain"][3, 4]
    with connect_client(path):
        good = ee.Image("test/rain/20200704").select("rain")
        value = good.reduceRegion("first", ee.Geometry.Point(POINT), 5000).getInfo()["rain"]
        assert np.float32(value) == fourth
        bad = ee.Image("test/rain/20200703").select("rain")
        with pytest.raises(ee.EEException, match="cannot be read"):
            bad.reduceRegion("first", ee.Geometry.Point(POINT), 5000).getInfo()


def test_indices_and_times_are_lists_of_one_length(catalog):
    item = json.loads((catalog / "test__rain/2020/item.json").read_text())
    assert {len(column) for column in item["properties"]["gee:series"].values()} == {40}
