"""Damaged and hostile catalogs are told, not served."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ee
import pytest

from gee_sm.emulator import CatalogError, Emulator, connect_client


@pytest.fixture
def folder(catalog_folder: Path, tmp_path: Path) -> Path:
    """A copy of the catalog to damage, beside a file that nobody may read."""
    shutil.copyfile(
        catalog_folder / "TEST__SINGLE" / "SINGLE" / "class.tif", tmp_path / "secret.tif"
    )
    return Path(shutil.copytree(catalog_folder, tmp_path / "catalog"))


def _item(folder: Path) -> Path:
    return folder / "TEST__SINGLE" / "SINGLE" / "item.json"


def _link_to(href: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        item = json.loads(_item(folder).read_text())
        item["assets"]["class"]["href"] = href
        _item(folder).write_text(json.dumps(item))

    return change


def _truncate(folder: Path) -> None:
    path = folder / "TEST__SINGLE" / "SINGLE" / "class.tif"
    path.write_bytes(path.read_bytes()[:200])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_truncate, r"class\.tif.*Write the file again"),
        (lambda folder: _item(folder).write_text("{"), "is not JSON"),
        (lambda folder: _item(folder).unlink(), "does not exist"),
        (_link_to("../../../secret.tif"), "outside of its own folder"),
        (_link_to("/etc/passwd"), "only relative links are followed"),
        (_link_to("http://127.0.0.1/secret.tif"), "only relative links are followed"),
        (_link_to("file:///etc/passwd"), "only relative links are followed"),
        (_link_to("missing.tif"), r"missing\.tif"),
    ],
)
def test_damage(
    folder: Path, damage: Callable[[Path], None], words: str, grid: dict[str, Any]
) -> None:
    damage(folder)
    with connect_client(folder):
        ee.data.setMaxRetries(0)
        request = {"fileFormat": "NUMPY_NDARRAY", "grid": grid}
        with pytest.raises(ee.EEException, match=words):
            ee.data.computePixels({"expression": ee.Image("TEST/SINGLE"), **request})
        with pytest.raises(ee.EEException, match=words):
            ee.data.getPixels({"assetId": "TEST/SINGLE", **request})
        # The rest of the catalog is served as before.
        assert ee.ImageCollection("TEST/IMAGES").size().getInfo() == 3


def _changed(file: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / file
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    return damage


_COLLECTION, _TABLE = "TEST__IMAGES/collection.json", "TEST__POINTS/collection.json"
_IMAGE, _FEATURES = "TEST__IMAGES/scene_0/item.json", "TEST__POINTS/features.geojson"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "catalog.json").write_text("[]"), "not a JSON object"),
        (_changed("catalog.json", lambda d: d.update(links=7)), "TypeError"),
        (_changed("catalog.json", lambda d: d["links"][1].pop("href")), "KeyError: 'href'"),
        (_changed(_COLLECTION, lambda d: d.pop("id")), "TEST__IMAGES/collection.json.*'id'"),
        (_changed(_COLLECTION, lambda d: d.update({"gee:type": "PLOT"})), "'PLOT', not one of"),
        (_changed(_COLLECTION, lambda d: d.update({"gee:properties": [1]})), "not an object"),
        (lambda folder: (folder / _COLLECTION).write_bytes(b"\xff\xfe{"), "is not JSON"),
    ],
)
def test_catalog_of_another_layout_is_refused(
    folder: Path, damage: Callable[[Path], Any], words: str
) -> None:
    damage(folder)
    with pytest.raises(CatalogError, match=words):
        Emulator(folder)


def _error_of_asset(name: str) -> str:
    try:
        ee.data.getAsset(name)
    except ee.EEException as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_changed(_IMAGE, lambda d: d.pop("assets")), "scene_0/item.json.*'assets'"),
        (_changed(_IMAGE, lambda d: d["assets"].update(ratio=7)), "TypeError"),
        (_changed(_IMAGE, lambda d: d.pop("id")), "scene_0/item.json.*'id'"),
        (_changed(_IMAGE, lambda d: d["properties"].update({"gee:series": {}})), "system:index"),
        (_changed(_COLLECTION, lambda d: d.update(links=[7])), "collection.json.*TypeError"),
        (_changed(_TABLE, lambda d: d.update(assets={})), "collection.json.*'features'"),
        (_changed(_FEATURES, lambda d: d.update(features=[7])), "features.geojson.*AttributeErr"),
        (lambda folder: (folder / _FEATURES).write_text("[]"), "not a JSON object"),
    ],
)
def test_files_of_another_layout_are_told(
    folder: Path, damage: Callable[[Path], Any], words: str
) -> None:
    damage(folder)
    with connect_client(folder):
        ee.data.setMaxRetries(0)
        with pytest.raises(ee.EEException, match=words):
            ee.ImageCollection("TEST/IMAGES").merge(ee.FeatureCollection("TEST/POINTS")).getInfo()
        told = [_error_of_asset(name) for name in ("TEST/IMAGES/scene_0", "TEST/POINTS")]
        assert re.search(words, " ".join(told))
        assert "internal error" not in " ".join(told)
        assert ee.Image("TEST/SINGLE").bandNames().getInfo() == ["class"]
