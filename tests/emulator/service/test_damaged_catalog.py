"""Damaged and hostile catalogs are told, not served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ee
import pytest

from gee_sm.emulator import connect_client


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
