"""Assets: what the client and the ``earthengine`` command see and change."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
from affine import Affine
from ee import batch

from gee_sm.emulator import CatalogWriter, ClientConnection, Emulator, Server, connect_client
from gee_sm.emulator.catalog import SeriesImage

ROOT = "projects/gee-sm-emulator/assets"


def _exported(image: ee.Image, name: str, width: int, height: int) -> ee.Image:
    """Export an image over pixels of 10 m from the grid's corner, and return the asset."""
    box = [400_000, 3_500_000 - 10 * height, 400_000 + 10 * width, 3_500_000]
    region = ee.Geometry.Rectangle(box, "EPSG:32646", False)
    options = {"region": region, "scale": 10, "crs": "EPSG:32646"}
    task = batch.Export.image.toAsset(image, assetId=f"{ROOT}/{name}", **options)
    task.start()
    while task.active():
        time.sleep(0.01)
    assert task.status()["state"] == "COMPLETED", task.status()
    return ee.Image(f"{ROOT}/{name}")


def _stored_image(name: str) -> str:
    """Export a small image and return its id."""
    _exported(ee.Image("TEST/SINGLE").set("author", "nobody"), name, 40, 30)
    return f"{ROOT}/{name}"


def test_image_of_the_catalog(connection: ClientConnection) -> None:
    asset = ee.data.getAsset("TEST/IMAGES/scene_0")
    assert asset["type"] == "IMAGE"
    assert asset["name"] == "projects/earthengine-public/assets/TEST/IMAGES/scene_0"
    assert asset["id"] == "TEST/IMAGES/scene_0"
    assert asset["startTime"] == "2020-01-01T12:00:00.000000Z"
    assert asset["bands"][0] == {
        "id": "counts",
        "dataType": {"precision": "INT", "range": {"max": 65535}},
        "grid": {
            "crsCode": "EPSG:32646",
            "dimensions": {"width": 40, "height": 30},
            "affineTransform": {
                "scaleX": 10,
                "translateX": 400_000,
                "scaleY": -10,
                "translateY": 3_500_000,
            },
        },
        "pyramidingPolicy": "MEAN",
    }


def test_absent_assets(connection: ClientConnection) -> None:
    assert ee.data.getInfo("TEST/NOTHING") is None
    with pytest.raises(ee.EEException, match=r"'TEST/NOTHING' does not exist or doesn't allow"):
        ee.data.getAsset("TEST/NOTHING")
    with pytest.raises(ee.EEException, match="ImageCollection asset 'NO/SUCH' not found"):
        ee.ImageCollection("NO/SUCH").size().getInfo()


def test_lists_of_the_catalog(connection: ClientConnection) -> None:
    top = ee.data.listAssets("TEST")["assets"]
    assert [(a["id"], a["type"]) for a in top] == [
        ("TEST/IMAGES", "IMAGE_COLLECTION"),
        ("TEST/POINTS", "TABLE"),
        ("TEST/SINGLE", "IMAGE"),
    ]
    page = ee.data.listAssets({"parent": "TEST/IMAGES", "pageSize": 2})
    assert [a["id"] for a in page["assets"]] == ["TEST/IMAGES/scene_0", "TEST/IMAGES/scene_1"]
    rest = ee.data.listAssets(
        {"parent": "TEST/IMAGES", "pageSize": 2, "pageToken": page["nextPageToken"]}
    )
    assert [a["id"] for a in rest["assets"]] == ["TEST/IMAGES/scene_2"]
    assert "nextPageToken" not in rest


def test_list_images_filters(connection: ClientConnection) -> None:
    def found(**options: Any) -> list[str]:
        images = ee.data.listImages({"parent": "TEST/IMAGES", **options})["images"]
        return [image["id"].rsplit("_", 1)[1] for image in images]

    assert found(startTime="2020-01-02T00:00:00Z", endTime="2020-01-03T00:00:00Z") == ["1"]
    assert found(properties=["CLOUDS>=10", 'PASS="A"']) == ["2"]
    assert found(filter='NOT properties.PASS = "A"') == ["1"]
    assert found(region="POINT (0 0)") == []
    asset = ee.data.getAsset("TEST/IMAGES/scene_0")
    assert found(region=asset["geometry"]) == ["0", "1", "2"]


def test_folders_are_made_moved_and_removed(connection: ClientConnection) -> None:
    ee.data.createFolder(f"{ROOT}/maps")
    ee.data.createFolder(f"{ROOT}/maps/2020")
    image = _stored_image("maps/2020/a")
    assert [a["id"] for a in ee.data.listAssets(f"{ROOT}/maps/2020")["assets"]] == [image]
    with pytest.raises(ee.EEException, match="non-empty"):
        ee.data.deleteAsset(f"{ROOT}/maps/2020")
    ee.data.renameAsset(f"{ROOT}/maps/2020", f"{ROOT}/maps/thaw")
    assert ee.Image(f"{ROOT}/maps/thaw/a").get("author").getInfo() == "nobody"
    ee.data.copyAsset(f"{ROOT}/maps/thaw/a", f"{ROOT}/copy")
    with pytest.raises(ee.EEException, match="Cannot overwrite asset"):
        ee.data.copyAsset(f"{ROOT}/maps/thaw/a", f"{ROOT}/copy")
    ee.data.copyAsset(f"{ROOT}/maps/thaw/a", f"{ROOT}/copy", allowOverwrite=True)
    ee.data.deleteAsset(f"{ROOT}/maps/thaw/a")
    ee.data.deleteAsset(f"{ROOT}/maps/thaw")
    assert ee.data.getInfo(f"{ROOT}/maps/thaw") is None
    info = ee.Image(f"{ROOT}/copy").getInfo()
    assert info["properties"]["author"] == "nobody"
    assert info["bands"][0]["dimensions"] == [40, 30]


def test_properties_are_changed(connection: ClientConnection) -> None:
    image = _stored_image("a")
    ee.data.updateAsset(image, {"properties": {"author": None, "year": 2020}}, ["properties.year"])
    assert ee.data.getAsset(image)["properties"] == {"author": "nobody", "year": 2020}
    ee.data.updateAsset(image, {"properties": {}}, ["properties.author"])
    assert ee.data.getAsset(image)["properties"] == {"year": 2020}
    ee.data.updateAsset(image, {"startTime": "2020-07-01T00:00:00Z"}, ["start_time"])
    assert ee.Image(image).date().format("YYYY-MM").getInfo() == "2020-07"
    ee.data.updateAsset(image, {"properties": {"only": "this"}}, ["properties"])
    asset = ee.data.getAsset(image)
    assert asset["properties"] == {"only": "this"}
    assert asset["startTime"] == "2020-07-01T00:00:00.000000Z"
    with pytest.raises(ee.EEException, match="Cannot update"):
        ee.data.updateAsset(image, {}, ["bands"])


def test_catalog_is_read_only(connection: ClientConnection) -> None:
    for change in (
        lambda: ee.data.deleteAsset("TEST/SINGLE"),
        lambda: ee.data.renameAsset("TEST/SINGLE", f"{ROOT}/mine"),
        lambda: ee.data.updateAsset("TEST/SINGLE", {"properties": {}}, ["properties"]),
    ):
        with pytest.raises(ee.EEException, match="doesn't allow this operation"):
            change()
    assert ee.Image("TEST/SINGLE").getInfo()["id"] == "TEST/SINGLE"


def test_parents_must_exist(connection: ClientConnection) -> None:
    with pytest.raises(ee.EEException, match=r"parent .* does not exist"):
        ee.data.createFolder(f"{ROOT}/no/such")
    with pytest.raises(ee.EEException, match="expected FOLDER or IMAGE_COLLECTION"):
        ee.data.createAsset({"type": "TABLE"}, f"{ROOT}/table")
    ee.data.createFolder(f"{ROOT}/x")
    with pytest.raises(ee.EEException, match="Cannot overwrite asset"):
        ee.data.createFolder(f"{ROOT}/x")


def test_quota_and_policy(connection: ClientConnection) -> None:
    ee.data.createFolder(f"{ROOT}/x")
    assert ee.data.getAssetRootQuota(ROOT)["asset_count"] == {"usage": 1, "limit": 10_000}
    assert ee.data.getIamPolicy(f"{ROOT}/x")["bindings"][0]["role"] == "roles/owner"
    with pytest.raises(ee.EEException, match="has no users"):
        ee.data.setIamPolicy(f"{ROOT}/x", {"bindings": []})


@pytest.mark.parametrize(
    "path",
    [
        "projects/p/assets/../../../etc",
        "projects/p/assets/%2e%2e/%2e%2e/secret",
        "projects/p/assets/..%2f..%2fsecret",
        "projects/p/assets/.hidden",
        "projects/p/assets//etc/passwd",
        "projects/p/assets/a\x00b",
        "projects/p/assets/file:///etc/passwd",
        "projects/earthengine-public/assets/../catalog.json",
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_way_out_of_the_folder(
    emulator: Emulator, post: Callable[..., Any], path: str, method: str
) -> None:
    secret = emulator.exports.parent / "secret"
    secret.mkdir(exist_ok=True)
    (secret / "asset.json").write_text('{"type": "FOLDER", "properties": {"secret": 1}}')
    answer = post(f"/v1/{path}", method=method)
    assert answer.status in (400, 404)
    assert b'secret":1' not in answer.body
    assert (secret / "asset.json").exists()


def test_earthengine_command_uploads(
    emulator: Emulator,
    connection: ClientConnection,
    tmp_path: Path,
    pixels: Callable[..., Any],
) -> None:
    """Flags of ``earthengine upload`` do what they say; ``task`` and ``rm`` deal with the rest."""
    bucket = emulator.exports / "gcs" / "bucket"
    bucket.mkdir(parents=True)
    values = np.arange(1200, dtype=np.uint8).reshape(30, 40)
    with rasterio.open(
        bucket / "plain.tif",
        "w",
        driver="GTiff",
        width=40,
        height=30,
        count=2,
        dtype="uint8",
        transform=Affine(10, 0, 400_000, 0, -10, 3_500_000),
    ) as dataset:  # no coordinate system: the command names it
        dataset.write(values, 1)
        dataset.write(np.where(values < 100, 0, 255), 2)
    (bucket / "points.csv").write_text("a;x;y\n1;91;31\n2;92;31\n")
    config = tmp_path / "config.json"
    with Server(emulator) as server:
        config.write_text(json.dumps({"url": server.url, "project": "gee-sm-emulator"}))
        image = _earthengine(
            config,
            "upload",
            "image",
            f"--asset_id={ROOT}/plain",
            "--crs=EPSG:32646",
            "--bands=level",
            "--last_band_alpha",
            "--pyramiding_policy=mode",
            "--property=season=thaw",
            "--time_start=2020-07-01",
            "gs://bucket/plain.tif",
        )
        table = _earthengine(
            config,
            "upload",
            "table",
            f"--asset_id={ROOT}/points",
            "--csv_delimiter=;",
            "--x_column=x",
            "--y_column=y",
            "gs://bucket/points.csv",
        )
        names = [re.search(r"ID: (\S+)", run.stdout) for run in (image, table)]
        assert all(names), (image.stderr, table.stderr)
        for name in names:
            found = _earthengine(config, "task", "wait", name[1])
            assert found.returncode == 0, found.stdout
        removed = _earthengine(config, "rm", f"{ROOT}/points")
        info = json.loads(_earthengine(config, "asset", "info", f"{ROOT}/plain").stdout)
    assert ee.data.getInfo(f"{ROOT}/points") is None, removed.stderr
    assert info["properties"] == {"season": "thaw"}
    assert info["startTime"] == "2020-07-01T00:00:00.000000Z"
    assert [(b["id"], b["pyramidingPolicy"]) for b in info["bands"]] == [("level", "MODE")]
    stored = ee.Image(f"{ROOT}/plain")
    np.testing.assert_array_equal(pixels(stored.mask())["level"], values >= 100)
    np.testing.assert_array_equal(pixels(stored)["level"], np.where(values < 100, 0, values))


def _earthengine(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the client package's own command; only the search for credentials is replaced."""
    start = (
        "import sys, ee, ee.data\n"
        "from google.auth.credentials import AnonymousCredentials\n"
        "ee.data.get_persistent_credentials = AnonymousCredentials\n"
        "ee.deprecation._FetchDataCatalogStac = dict\n"
        "from ee.cli import eecli\n"
        "eecli.main()\n"
    )
    return subprocess.run(
        [
            sys.executable,
            "-c",
            start,
            "--ee_config",
            str(config),
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_earthengine_command(
    emulator: Emulator, connection: ClientConnection, tmp_path: Path
) -> None:
    _stored_image("seen")
    config = tmp_path / "config.json"
    with Server(emulator) as server:
        config.write_text(json.dumps({"url": server.url, "project": "gee-sm-emulator"}))
        listed = _earthengine(config, "ls", "TEST/IMAGES")
        assert listed.stdout.split() == [
            f"projects/earthengine-public/assets/TEST/IMAGES/scene_{i}" for i in range(3)
        ], listed.stderr
        info = _earthengine(config, "asset", "info", f"{ROOT}/seen")
        assert '"author": "nobody"' in info.stdout, info.stderr
        tasks = _earthengine(config, "task", "list")
        assert "SUCCEEDED" in tasks.stdout, tasks.stderr
        made = _earthengine(config, "create", "folder", f"{ROOT}/made")
        assert made.returncode == 0, made.stderr
        assert _earthengine(config, "ls", ROOT).stdout.split() == [f"{ROOT}/made", f"{ROOT}/seen"]
        missing = _earthengine(config, "asset", "info", "TEST/NOTHING")
        assert missing.returncode != 0
        assert "does not exist" in missing.stdout + missing.stderr


def _weight(width: int) -> ee.Image:
    """A mask that grows from 0 in the west to 1 in the east."""
    x = ee.Image.pixelCoordinates("EPSG:32646").select("x")
    return x.subtract(400_000).divide(10 * width)


def test_fractional_masks_are_kept(
    connection: ClientConnection, pixels: Callable[..., Any]
) -> None:
    """Bands of any type come back with the weights they had; a copy has them too."""
    image = (
        ee.Image("TEST/IMAGES/scene_1")
        .updateMask(_weight(40))
        .addBands(ee.Image("TEST/SINGLE"))
        .addBands(ee.Image("TEST/SINGLE").rename("kind").updateMask(_weight(40).gt(0.5)))
    )
    stored = _exported(image, "weighted", 40, 30)
    ee.data.copyAsset(f"{ROOT}/weighted", f"{ROOT}/again")
    expected, expected_mask = pixels(image), pixels(image.mask())
    for name in ("counts", "ratio"):
        assert ((expected_mask[name] > 0) & (expected_mask[name] < 1)).any()
    for found in (stored, ee.Image(f"{ROOT}/again")):
        values, mask = pixels(found), pixels(found.mask())
        for name in expected.dtype.names:
            np.testing.assert_array_equal(mask[name], expected_mask[name], err_msg=name)
            np.testing.assert_array_equal(values[name], expected[name], err_msg=name)
    # A band without fractions needs no file for them.
    folder = connection.emulator.exports / "assets" / ROOT / "again"
    assert sorted(path.name for path in folder.glob(".v*/*.weights.tif")) == [
        "0.weights.tif",
        "1.weights.tif",
    ]


def test_fractional_masks_weigh_in_the_pyramid(
    connection: ClientConnection, pixels: Callable[..., Any], grid: dict[str, Any]
) -> None:
    image = ee.Image.pixelCoordinates("EPSG:32646").select("x").pow(2).updateMask(_weight(600))
    stored = _exported(image, "wide", 600, 4)
    grid["dimensions"] = {"width": 300, "height": 2}
    grid["affineTransform"].update(scaleX=20, scaleY=-20)
    x = 400_005 + 10 * np.arange(600).reshape(300, 2)
    weight = (x - 400_000) / 6000
    values = (x.astype(float) ** 2 * weight).sum(axis=1) / weight.sum(axis=1)
    for row in pixels(stored, grid=grid)["x"]:
        np.testing.assert_allclose(row, values, rtol=1e-7)
    for row in pixels(stored.mask(), grid=grid)["x"]:
        np.testing.assert_allclose(row, weight.mean(axis=1), rtol=1e-6)
    # The unweighted mean is another number, by far more than that.
    assert np.abs((x.astype(float) ** 2).mean(axis=1) / values - 1).max() > 1e-6


def test_an_image_collection_holds_images_only(connection: ClientConnection) -> None:
    collection = f"{ROOT}/series"
    ee.data.createAsset({"type": "IMAGE_COLLECTION"}, collection)
    _stored_image("series/a")
    ee.data.createFolder(f"{ROOT}/elsewhere")
    with pytest.raises(ee.EEException, match="holds images, not an asset of type FOLDER"):
        ee.data.createFolder(f"{collection}/inner")
    with pytest.raises(ee.EEException, match="holds images"):
        ee.data.renameAsset(f"{ROOT}/elsewhere", f"{collection}/inner")
    assert ee.ImageCollection(collection).size().getInfo() == 1


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 2500 + "a"], ids=["a part", "the whole"])
def test_ids_that_no_disk_takes(name: str, connection: ClientConnection) -> None:
    with pytest.raises(ee.EEException, match="does not exist"):
        ee.data.getAsset(f"{ROOT}/{name}")
    with pytest.raises(ee.EEException, match="Invalid asset ID"):
        ee.data.createFolder(f"{ROOT}/{name}")


def test_copies_that_fail_leave_nothing_behind(
    connection: ClientConnection, emulator: Emulator
) -> None:
    image = _stored_image("a")
    for destination in (image, f"{ROOT}/no/folder"):
        with pytest.raises(ee.EEException, match="Cannot"):
            ee.data.copyAsset(image, destination)
    assert [path.name for path in (emulator.exports / "assets").iterdir()] == ["projects"]


def test_sizes_as_the_command_adds_them_up(
    connection: ClientConnection, emulator: Emulator
) -> None:
    # `earthengine du` asks for these of images and tables, and for the sum of a collection's.
    ee.data.createAsset({"type": "IMAGE_COLLECTION"}, f"{ROOT}/sized")
    image = _stored_image("sized/a")
    folder = emulator.exports / "assets" / image
    written = sum(path.stat().st_size for path in folder.glob(".v*/*"))
    assert ee.data.getAsset(image)["sizeBytes"] == str(written)
    sizes = ee.ImageCollection(f"{ROOT}/sized").aggregate_sum("system:asset_size")
    assert sizes.getInfo() == written


def test_sizes_of_the_catalog(
    connection: ClientConnection, emulator: Emulator, catalog_folder: Path, tmp_path: Path
) -> None:
    files = {
        "TEST/SINGLE": list((catalog_folder / "TEST__SINGLE").rglob("*.tif")),
        "TEST/POINTS": [catalog_folder / "TEST__POINTS" / "features.geojson"],
        "TEST/IMAGES": list((catalog_folder / "TEST__IMAGES").rglob("*.tif")),
    }
    sizes = {name: sum(path.stat().st_size for path in paths) for name, paths in files.items()}
    for name in ("TEST/SINGLE", "TEST/POINTS"):
        assert ee.data.getAsset(name)["sizeBytes"] == str(sizes[name])
    images = ee.ImageCollection("TEST/IMAGES")
    assert images.aggregate_sum("system:asset_size").getInfo() == sizes["TEST/IMAGES"]
    config = tmp_path / "config.json"
    with Server(emulator) as server:
        config.write_text(json.dumps({"url": server.url, "project": "gee-sm-emulator"}))
        told = _earthengine(config, "du", "TEST")
    found = {line.split()[1]: int(line.split()[0]) for line in told.stdout.splitlines()}
    public = "projects/earthengine-public/assets"
    assert found == {f"{public}/{name}": size for name, size in sizes.items()}, told.stderr


def test_images_of_a_series_share_its_files(tmp_path: Path) -> None:
    days = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    days[1] = days[1].replace(tzinfo=None)  # is UTC, too
    with CatalogWriter(tmp_path) as catalog:
        folder = catalog.add_series(
            "TEST/DAYS",
            "2020",
            images=[SeriesImage(f"{day:%Y%m%d}", day) for day in days],
            pixels=({"v": np.full((9, 8), day.day, "int16")} for day in days),
            crs="EPSG:4326",
            transform=Affine(1, 0, 0, 0, -1, 9),
        )
    with Emulator(tmp_path) as emulator, connect_client(emulator):
        sizes = ee.ImageCollection("TEST/DAYS").aggregate_array("system:asset_size").getInfo()
    assert sizes == [(folder / "v.tif").stat().st_size // 4] * 4


def test_expressions_may_use_names(connection: ClientConnection) -> None:
    # As `listAssets` gives them; the client's `du` asks for a collection by its name.
    public, legacy = (f"projects/earthengine-{kind}/assets/" for kind in ("public", "legacy"))
    assert ee.Image(f"{public}TEST/SINGLE").getInfo()["id"] == "TEST/SINGLE"
    assert ee.ImageCollection(f"{public}TEST/IMAGES").size().getInfo() == 3
    assert ee.FeatureCollection(f"{public}TEST/POINTS").size().getInfo() == 25
    ee.data.createFolder("users/somebody/mine")
    image = _stored_image("a")
    ee.data.copyAsset(image, "users/somebody/mine/a")
    assert ee.Image(f"{legacy}users/somebody/mine/a").getInfo()["id"] == "users/somebody/mine/a"


def test_images_of_the_catalog_are_copied(
    connection: ClientConnection, pixels: Callable[..., Any]
) -> None:
    single, one = f"{ROOT}/single", f"{ROOT}/one"
    ee.data.copyAsset("TEST/SINGLE", single)
    ee.data.copyAsset("TEST/IMAGES/scene_1", one)
    for source, copied in (("TEST/SINGLE", single), ("TEST/IMAGES/scene_1", one)):
        first, second = ee.Image(source), ee.Image(copied)
        np.testing.assert_array_equal(pixels(second.unmask(7)), pixels(first.unmask(7)))
        there, here = ee.data.getAsset(source), ee.data.getAsset(copied)
        assert here["bands"] == there["bands"]
        for member in ("properties", "startTime", "geometry"):
            assert here.get(member) == there.get(member)
        assert here["id"] == copied
    with pytest.raises(ee.EEException, match="Cannot overwrite"):
        ee.data.copyAsset("TEST/SINGLE", one)
    ee.data.copyAsset("TEST/SINGLE", one, allowOverwrite=True)
    assert ee.Image(one).bandNames().getInfo() == ["class"]
    with pytest.raises(ee.EEException, match="of type IMAGE_COLLECTION"):
        ee.data.copyAsset("TEST/IMAGES", f"{ROOT}/many")
    with pytest.raises(ee.EEException, match="does not exist"):
        ee.data.copyAsset("TEST/NOTHING", f"{ROOT}/nothing")


def test_tables_of_the_catalog_are_copied(connection: ClientConnection) -> None:
    ee.data.copyAsset("TEST/POINTS", f"{ROOT}/points")
    assert ee.data.getAsset(f"{ROOT}/points")["featureCount"] == "25"
    tables = [ee.FeatureCollection(name) for name in ("TEST/POINTS", f"{ROOT}/points")]
    there, here = (table.getInfo() for table in tables)
    assert here["features"] == there["features"]


def test_images_that_share_files_or_are_derived_are_copied(tmp_path: Path) -> None:
    grid = Affine(10, 0, 400_000, 0, -10, 3_500_000)
    days = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    power = np.array([[0.1, 0.5], [2.0, 0.0]], "float32")
    with CatalogWriter(tmp_path) as catalog:
        catalog.add_series(
            "TEST/DAYS",
            "2020",
            images=[SeriesImage(f"{day:%Y%m%d}", day) for day in days],
            pixels=({"v": np.full((2, 2), day.day, "int16")} for day in days),
            crs="EPSG:32646",
            transform=grid,
            pyramiding={"v": "MODE"},
        )
        catalog.add_image(
            "COPERNICUS/S1_GRD_FLOAT",
            "a",
            bands={"VV": power, "angle": np.full((1, 1), 40, "float32")},
            crs="EPSG:32646",
            transform={"VV": grid, "angle": grid @ Affine.scale(2)},
            time_start=days[0],
        )
    with Emulator(tmp_path) as emulator, connect_client(emulator):
        ee.data.copyAsset("TEST/DAYS/20200102", f"{ROOT}/day")
        ee.data.copyAsset("COPERNICUS/S1_GRD/a", f"{ROOT}/scene")
        request = {"fileFormat": "NUMPY_NDARRAY"}
        day = ee.data.computePixels({**request, "expression": ee.Image(f"{ROOT}/day")})
        assert (day["v"] == np.full((2, 2), 2)).all()
        assert ee.data.getAsset(f"{ROOT}/day")["bands"][0]["pyramidingPolicy"] == "MODE"
        scene = ee.data.getAsset(f"{ROOT}/scene")
        assert [b["grid"]["dimensions"]["width"] for b in scene["bands"]] == [2, 1]
        backscatter = ee.Image(f"{ROOT}/scene").select("VV").unmask(-99)
        found = ee.data.computePixels({**request, "expression": backscatter})
    expected = 10 * np.log10(np.where(power > 0, power, 10**-9.9))
    np.testing.assert_allclose(found["VV"], expected, rtol=1e-6)
