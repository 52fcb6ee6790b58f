"""CatalogWriter: judged by pystac, rasterio, pyproj and shapely, which know nothing of it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pystac
import pytest
import rasterio
import shapely
import shapely.geometry
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import Transformer

from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.errors import CatalogError

S1 = "COPERNICUS/S1_GRD_FLOAT"
GRID = Affine(10, 0, 406000, 0, -10, 3600000)
GRID_1KM = Affine(1000, 0, 406000, 0, -1000, 3600000)
NOON = datetime(2020, 7, 1, 12, tzinfo=UTC)


def scene(shape=(30, 40), value=0.05, **changes):
    """Keywords of add_image for a small scene."""
    return {
        "bands": {"VV": np.full(shape, value, "float32")},
        "crs": "EPSG:32646",
        "transform": GRID,
        "time_start": NOON,
        **changes,
    }


def write_two_assets(path):
    with CatalogWriter(
        path, title="Two assets", extra_fields={"gee_sm:region": [92.0, 32.5, 92.1, 32.6]}
    ) as catalog:
        catalog.add_image(
            S1,
            "first",
            **scene(
                bands={
                    "VV": np.arange(1200, dtype="float32").reshape(30, 40),
                    "angle": np.full((3, 4), 38.5, "float32"),
                },
                transform={"VV": GRID, "angle": GRID_1KM},
                pyramiding={"angle": "SAMPLE"},
                properties={
                    "orbitProperties_pass": "ASCENDING",
                    "relativeOrbitNumber_start": np.int64(114),
                    "transmitterReceiverPolarisation": ["VV", "VH"],
                },
                time_end=NOON + timedelta(seconds=25),
            ),
        )
        catalog.add_image(
            "ESA/WorldCover/v200",
            "2021",
            bands={"Map": np.full((4, 4), 30, "uint8")},
            crs="EPSG:32646",
            transform=GRID,
            nodata=0,
            pyramiding={"Map": "MODE"},
            time_start=datetime(2021, 1, 1),
            time_end=datetime(2022, 1, 1, tzinfo=UTC),
        )
        catalog.describe(S1, title="Sentinel-1", properties={"provider": "nobody"})
    return path


def test_layout_and_fields(tmp_path):
    root = pystac.Catalog.from_file(str(write_two_assets(tmp_path / "c") / "catalog.json"))
    assert root.extra_fields["gee_sm:region"] == [92.0, 32.5, 92.1, 32.6]
    collections = {c.id: c for c in root.get_children()}
    assert set(collections) == {S1, "ESA/WorldCover/v200"}
    assert collections[S1].extra_fields["gee:type"] == "IMAGE_COLLECTION"
    assert collections[S1].extra_fields["gee:properties"] == {"provider": "nobody"}
    assert (tmp_path / "c/COPERNICUS__S1_GRD_FLOAT/first/item.json").is_file()

    item = next(collections[S1].get_items())
    assert item.id == "first"
    assert item.datetime == NOON
    assert item.properties["system:time_start"] == 1593604800000
    assert item.properties["system:time_end"] == 1593604825000
    assert item.properties["relativeOrbitNumber_start"] == 114
    assert item.properties["transmitterReceiverPolarisation"] == ["VV", "VH"]
    assert list(item.assets) == ["VV", "angle"]
    angle = item.assets["angle"]
    assert angle.extra_fields["gee:pyramiding_policy"] == "SAMPLE"
    assert angle.extra_fields["proj:code"] == "EPSG:32646"
    assert angle.extra_fields["proj:shape"] == [3, 4]
    assert angle.extra_fields["proj:transform"] == [1000, 0, 406000, 0, -1000, 3600000]
    assert item.assets["VV"].extra_fields["gee:pyramiding_policy"] == "MEAN"

    land_cover = next(collections["ESA/WorldCover/v200"].get_items())
    assert land_cover.properties["system:time_start"] == 1609459200000
    extent = collections["ESA/WorldCover/v200"].extent
    assert extent.temporal.intervals == [
        [datetime(2021, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)]
    ]


def test_every_document_is_valid_stac(tmp_path):
    root = pystac.Catalog.from_file(str(write_two_assets(tmp_path / "c") / "catalog.json"))
    objects = [root, *root.get_children(), *root.get_items(recursive=True)]
    assert len(objects) == 5
    for found in objects:
        # pystac carries the core schemas; those of the extensions are on the web only.
        found.stac_extensions = []
        assert found.validate()


def test_pixels_are_cogs_on_their_grids(tmp_path):
    folder = write_two_assets(tmp_path / "c") / "COPERNICUS__S1_GRD_FLOAT/first"
    with rasterio.open(folder / "VV.tif") as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == "DEFLATE"
        assert dataset.block_shapes == [(512, 512)]
        assert np.isnan(dataset.nodata)
        assert dataset.transform == GRID
        assert dataset.crs.to_epsg() == 32646
        np.testing.assert_array_equal(
            dataset.read(1), np.arange(1200, dtype="float32").reshape(30, 40)
        )
    with rasterio.open(folder / "angle.tif") as dataset:
        assert dataset.res == (1000, 1000)


def test_footprint_covers_every_band_grid(tmp_path):
    write_two_assets(tmp_path / "c")
    item = pystac.Item.from_file(str(tmp_path / "c/COPERNICUS__S1_GRD_FLOAT/first/item.json"))
    to_degrees = Transformer.from_crs(32646, 4326, always_xy=True)
    outline = shapely.segmentize(shapely.box(406000, 3597000, 410000, 3600000), 50)
    expected = shapely.transform(outline, lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
    footprint = shapely.geometry.shape(item.geometry)
    assert footprint.symmetric_difference(expected).area < 1e-5 * expected.area
    np.testing.assert_allclose(item.bbox, expected.bounds, atol=2e-6)


def test_a_footprint_of_ones_own(tmp_path):
    triangle = {"type": "Polygon", "coordinates": [[[92, 32], [93, 32], [92, 33], [92, 32]]]}
    with CatalogWriter(tmp_path / "c") as catalog:
        catalog.add_image(S1, "a", **scene(geometry=triangle))
    item = pystac.Item.from_file(str(tmp_path / "c/COPERNICUS__S1_GRD_FLOAT/a/item.json"))
    assert shapely.geometry.shape(item.geometry).equals(shapely.geometry.shape(triangle))
    assert item.bbox == [92, 32, 93, 33]


def test_overviews_do_not_mix_classes(tmp_path):
    classes = np.random.default_rng(1).choice(np.array([10, 80], "uint8"), (700, 600))
    with CatalogWriter(tmp_path / "c") as catalog:
        catalog.add_image(
            "ESA/WorldCover/v200", "m", **scene(bands={"Map": classes}, pyramiding={"Map": "MODE"})
        )
        catalog.add_image("a/b", "m", **scene(bands={"B": classes}))
    with rasterio.open(tmp_path / "c/ESA__WorldCover__v200/m/Map.tif", overview_level=0) as file:
        assert set(np.unique(file.read(1))) <= {10, 80}
    with rasterio.open(tmp_path / "c/a__b/m/B.tif", overview_level=0) as file:
        assert np.unique(file.read(1)).size > 2


def test_no_overviews_on_request(tmp_path):
    with CatalogWriter(tmp_path / "c", overviews=False) as catalog:
        catalog.add_image(S1, "a", **scene((700, 600)))
    with rasterio.open(tmp_path / "c/COPERNICUS__S1_GRD_FLOAT/a/VV.tif") as file:
        assert file.overviews(1) == []
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_single_image_and_timeless(tmp_path):
    with CatalogWriter(tmp_path / "c") as catalog:
        catalog.add_image(
            "USGS/SRTMGL1_003",
            bands={"elevation": np.ones((3, 4), "int16")},
            crs="EPSG:4326",
            transform=Affine(1 / 3600, 0, 92, 0, -1 / 3600, 33),
        )
    root = pystac.Catalog.from_file(str(tmp_path / "c/catalog.json"))
    collection = next(root.get_children())
    assert collection.extra_fields["gee:type"] == "IMAGE"
    (item,) = collection.get_items()
    assert item.id == "SRTMGL1_003"
    assert "system:time_start" not in item.properties
    assert collection.extent.temporal.intervals == [[None, None]]
    with (
        CatalogWriter(tmp_path / "c") as catalog,
        pytest.raises(CatalogError, match="of type IMAGE in this catalog, not IMAGE_COLLECTION"),
    ):
        catalog.add_image("USGS/SRTMGL1_003", "second", **scene())


def test_grids_without_a_code(tmp_path):
    sinusoidal = "+proj=sinu +lon_0=0 +R=6371007.181 +units=m"
    with CatalogWriter(tmp_path / "c") as catalog:
        catalog.add_image("MODIS/061/MOD11A1", "2020_07_01", **scene(crs=sinusoidal))
    item = pystac.Item.from_file(str(tmp_path / "c/MODIS__061__MOD11A1/2020_07_01/item.json"))
    fields = item.assets["VV"].extra_fields
    assert fields["proj:code"] is None
    assert "Sinusoidal" in fields["proj:wkt2"]


def test_table(tmp_path):
    features = [
        {
            "type": "Feature",
            "id": f"station-{i}",
            "geometry": {"type": "Point", "coordinates": [92 + i / 10, 32.5]},
            "properties": {"network": "sample", "elevation": np.float32(4600.5)},
        }
        for i in range(3)
    ]
    with CatalogWriter(tmp_path / "c") as catalog:
        file = catalog.add_table(
            "projects/x/assets/stations", {"type": "FeatureCollection", "features": features}
        )
    root = pystac.Catalog.from_file(str(tmp_path / "c/catalog.json"))
    (table,) = root.get_children()
    assert table.extra_fields["gee:type"] == "TABLE"
    assert list(table.get_items()) == []
    assert table.extent.spatial.bboxes == [[92, 32.5, 92.2, 32.5]]
    assert table.assets["features"].get_absolute_href() == str(file)
    stored = json.loads(file.read_text())["features"]
    assert [f["id"] for f in stored] == ["station-0", "station-1", "station-2"]
    assert stored[0]["properties"]["elevation"] == 4600.5


def test_adding_to_a_catalog_keeps_what_is_there(tmp_path):
    path = write_two_assets(tmp_path / "c")
    with CatalogWriter(path) as catalog:
        catalog.add_image(S1, "second", **scene(time_start=NOON + timedelta(days=12)))
        catalog.add_image("my/assets/x", "a", **scene())
    root = pystac.Catalog.from_file(str(path / "catalog.json"))
    assert root.title == "Two assets"
    assert root.extra_fields["gee_sm:region"] == [92.0, 32.5, 92.1, 32.6]
    collections = {c.id: c for c in root.get_children()}
    assert len(collections) == 3
    assert [item.id for item in collections[S1].get_items()] == ["first", "second"]
    assert collections[S1].extent.temporal.intervals == [[NOON, NOON + timedelta(days=12)]]
    assert collections[S1].extra_fields["gee:properties"] == {"provider": "nobody"}


def test_an_index_is_used_once(tmp_path):
    path = write_two_assets(tmp_path / "c")
    before = (path / "COPERNICUS__S1_GRD_FLOAT/first/VV.tif").read_bytes()
    with (
        CatalogWriter(path) as catalog,
        pytest.raises(CatalogError, match=r"'first'.*is in the catalog already"),
    ):
        catalog.add_image(S1, "first", **scene())
    assert (path / "COPERNICUS__S1_GRD_FLOAT/first/VV.tif").read_bytes() == before


class _Interruption(BaseException):
    """Stands for Ctrl-C."""


@pytest.mark.parametrize("error", [RuntimeError, _Interruption])
def test_an_interrupted_write_is_not_a_catalog(tmp_path, error):
    def write():
        with CatalogWriter(tmp_path / "c") as catalog:
            catalog.add_image(S1, "a", **scene())
            raise error

    with pytest.raises(error):
        write()
    assert list((tmp_path / "c").iterdir()) == []


def test_an_interrupted_addition_leaves_the_old_catalog(tmp_path):
    path = write_two_assets(tmp_path / "c")
    before = {p.relative_to(path): p.read_bytes() for p in path.rglob("*") if p.is_file()}

    def add():
        with CatalogWriter(path) as catalog:
            catalog.add_image(S1, "second", **scene())
            catalog.add_image("new/asset", "x", **scene())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        add()
    after = {p.relative_to(path): p.read_bytes() for p in path.rglob("*") if p.is_file()}
    assert after == before


def test_a_killed_write_is_cleared_by_the_next(tmp_path):
    """A process that dies leaves files without catalog.json; writing again succeeds."""
    writer = CatalogWriter(tmp_path / "c")
    writer.add_image(S1, "a", **scene(value=1.0))
    assert not (tmp_path / "c/catalog.json").exists()
    with CatalogWriter(tmp_path / "c") as catalog:
        catalog.add_image(S1, "a", **scene(value=2.0))
    with rasterio.open(tmp_path / "c/COPERNICUS__S1_GRD_FLOAT/a/VV.tif") as file:
        assert (file.read(1) == 2).all()


def test_a_full_disk_leaves_nothing(tmp_path):
    """A limit on file size makes the system refuse the bytes, as a full disk does."""
    program = f"""
import resource, signal
import numpy as np
from datetime import datetime
from affine import Affine
from gee_sm.emulator.catalog import CatalogWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, {resource.RLIM_INFINITY}))
noise = np.random.default_rng(0).random((200, 200)).astype("float32")
try:
    with CatalogWriter({str(tmp_path / "c")!r}) as catalog:
        catalog.add_image("a/b", "x", bands={{"B": noise}}, crs="EPSG:32646",
                          transform=Affine(10, 0, 0, 0, -10, 0), time_start=datetime(2020, 1, 1))
except OSError as error:
    print("refused:", error.strerror)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("refused:")
    assert [p for p in (tmp_path / "c").rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bands": {}}, "image 'x' of 'a/b' has no bands"),
        ({"bands": {"VV": np.zeros((1, 3, 4), "f4")}}, r"band 'VV' of .*got shape \(1, 3, 4\)"),
        ({"bands": {"VV": np.zeros((0, 4), "f4")}}, r"got shape \(0, 4\)"),
        ({"bands": {"VV": np.zeros((3, 4), complex)}}, "band 'VV' .*cannot store complex128"),
        ({"bands": {"V/V": np.zeros((3, 4))}}, "band 'V/V' of .*names a file"),
        ({"transform": {"VH": GRID}}, r"transform names bands that are not given: \['VH'\]"),
        ({"transform": (10, 0, 0, 0, -10, 0)}, "band 'VV' .*expected an invertible affine"),
        ({"transform": Affine.scale(0)}, "expected an invertible affine"),
        ({"pyramiding": {"VV": "AVERAGE"}}, "unknown pyramiding policy 'AVERAGE'"),
        ({"bands": {"VV": np.zeros((3, 4), "u1")}, "nodata": 300}, r"300 is not a value of uint8"),
        ({"bands": {"VV": np.ma.masked_equal(np.eye(3, dtype="u1"), 0)}}, "give nodata="),
        ({"crs": "EPSG:nowhere"}, "unknown coordinate reference system 'EPSG:nowhere'"),
        ({"properties": {"when": NOON}}, "property 'when' of image 'x'.*cannot be stored"),
        ({"properties": {"gain": float("nan")}}, "property 'gain'.*finite number"),
        ({"time_start": None}, "image 'x' of 'a/b' has no time"),
        ({"time_end": NOON - timedelta(days=1)}, "exchange time_start and time_end"),
        ({"geometry": {"type": "Polygone"}}, "not a GeoJSON geometry"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, changes, message):
    with CatalogWriter(tmp_path / "c") as catalog:
        with pytest.raises(CatalogError, match=message):
            catalog.add_image("a/b", "x", **scene(**changes))
        catalog.add_image("a/b", "good", **scene())
    (item,) = pystac.Catalog.from_file(str(tmp_path / "c/catalog.json")).get_items(recursive=True)
    assert item.id == "good"
    assert [p.name for p in (tmp_path / "c/a__b").iterdir() if p.is_dir()] == ["good"]


def test_bad_names_are_named(tmp_path):
    with CatalogWriter(tmp_path / "c") as catalog:
        with pytest.raises(CatalogError, match=r"'\.\./up' is not an asset id"):
            catalog.add_image("../up", "x", **scene())
        with pytest.raises(CatalogError, match="an index is made of"):
            catalog.add_image("a/b", "../x", **scene())
        catalog.add_image("a__b/c", "x", **scene())
        with pytest.raises(CatalogError, match="would share the folder 'a__b__c'"):
            catalog.add_image("a/b__c", "x", **scene())
        with pytest.raises(CatalogError, match="feature 1 of table 't/t' is not a GeoJSON"):
            catalog.add_table(
                "t/t", [{"type": "Feature", "geometry": None, "properties": {}}, {"type": "Point"}]
            )
        with pytest.raises(CatalogError, match="has no features"):
            catalog.add_table("t/t", [])
        with pytest.raises(CatalogError, match="'no/such' is not in the catalog"):
            catalog.describe("no/such", title="x")


def test_a_folder_that_is_something_else(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogError, match="is a file"):
        CatalogWriter(tmp_path / "file")
    (tmp_path / "catalog.json").write_text("{")
    with pytest.raises(CatalogError, match="cannot be read as part of a catalog"):
        CatalogWriter(tmp_path)


def test_times_are_utc(tmp_path):
    lhasa = timezone(timedelta(hours=8))
    with CatalogWriter(tmp_path / "c") as catalog:
        catalog.add_image(S1, "a", **scene(time_start=datetime(2020, 7, 1, 20, tzinfo=lhasa)))
    item = pystac.Item.from_file(str(tmp_path / "c/COPERNICUS__S1_GRD_FLOAT/a/item.json"))
    assert item.datetime == NOON
    assert item.properties["system:time_start"] == 1593604800000


@settings(max_examples=30, deadline=None)
@given(
    values=st.sampled_from(["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"]).flatmap(
        lambda kind: arrays(kind, st.tuples(st.integers(1, 20), st.integers(1, 20)))
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_array_comes_back(tmp_path_factory, values, seed):
    """Any storable array survives, and a masked pixel is masked for rasterio."""
    mask = np.random.default_rng(seed).random(values.shape) < 0.3
    nodata = 7 if values.dtype.kind != "f" else None
    path = tmp_path_factory.mktemp("any")
    with CatalogWriter(path) as catalog:
        catalog.add_image(
            "a/b", "x", **scene(bands={"B": np.ma.array(values, mask=mask)}, nodata=nodata)
        )
    with rasterio.open(path / "a__b/x/B.tif") as file:
        found = file.read(1, masked=True)
    assert found.dtype == values.dtype
    hidden = mask | (np.isnan(values) if nodata is None else values == nodata)
    np.testing.assert_array_equal(np.ma.getmaskarray(found), hidden)
    np.testing.assert_array_equal(found.data[~hidden], values[~hidden])
