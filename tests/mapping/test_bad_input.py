"""What cannot be mapped: a message that names the thing and the cure, and nothing half-written."""

from __future__ import annotations

import errno
import json
import shutil

import pytest

from gee_sm.mapping import geotiff


@pytest.fixture
def catalog(sample_region, tmp_path):
    """A copy of the sample that may be spoiled."""
    return shutil.copytree(sample_region, tmp_path / "catalog")


def _refused(result, out, *words):
    assert result.exit_code == 1, result.output
    for word in words:
        assert word in result.output
    assert "Traceback" not in result.output
    assert not out.exists() or list(out.iterdir()) == []


def _without(catalog, collection, keep):
    """Drop the items of a collection that ``keep`` does not want."""
    path = catalog / collection / "collection.json"
    document = json.loads(path.read_text())
    document["links"] = [
        link
        for link in document["links"]
        if link["rel"] != "item"
        or keep(json.loads((path.parent / link["href"]).read_text())["properties"])
    ]
    path.write_text(json.dumps(document))


S1 = "COPERNICUS__S1_GRD_FLOAT"


def test_a_region_without_scenes(run, sample_region, tmp_path):
    out = tmp_path / "out"
    result = run("--emulator", sample_region, "--region", "10,10,10.1,10.1", "--out", out)
    _refused(result, out, "region 10,10,10.1,10.1 has no Sentinel-1 scene", "check the region")


def test_a_pass_that_does_not_cover_the_region(run, catalog, tmp_path):
    _without(catalog, S1, lambda p: p["orbitProperties_pass"] == "ASCENDING")
    out = tmp_path / "out"
    result = run("--emulator", catalog, "--orbit", "D", "--out", out)
    _refused(result, out, "no descending pass covers", "use --orbit A")


def test_a_season_without_winter_scenes(run, catalog, tmp_path):
    _without(catalog, S1, lambda p: p.get("datetime", p.get("start_datetime")) >= "2020-07")
    out = tmp_path / "out"
    result = run("--emulator", catalog, "--orbit", "A", "--out", out)
    _refused(result, out, "freezing season", "choose another year or pass")


def test_an_inverted_box(run, sample_region, tmp_path):
    out = tmp_path / "out"
    result = run("--emulator", sample_region, "--region", "92.1,32.5,92.0,32.6", "--out", out)
    _refused(result, out, "inverted", "did you mean")


def test_a_band_that_the_catalog_lacks(run, catalog, tmp_path):
    for path in (catalog / S1).rglob("*.json"):
        document = json.loads(path.read_text())
        if document.get("type") == "Feature":
            document["assets"].pop("angle", None)
            path.write_text(json.dumps(document))
    out = tmp_path / "out"
    result = run("--emulator", catalog, "--orbit", "A", "--out", out)
    _refused(result, out, "angle", "did not match any bands")


def test_a_truncated_scene(run, catalog, tmp_path):
    for path in (catalog / S1).rglob("*VV*.tif"):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 3])
    out = tmp_path / "out"
    result = run("--emulator", catalog, "--orbit", "A", "--out", out)
    _refused(result, out, "cannot be read", "VV", "Write the file again")


def test_a_full_disk(run, sample_region, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(geotiff.rasterio.shutil, "copy", full)
    out = tmp_path / "out"
    small = ("--region", "92.04,32.53,92.05,32.54", "--orbit", "A", "--recipe", "li2025")
    result = run("--emulator", sample_region, *small, "--out", out)
    _refused(result, out, "the disk is full", "--out")


def test_a_folder_that_cannot_be_written(run, sample_region, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = run("--emulator", sample_region, "--orbit", "A", "--out", blocked / "maps")
    assert result.exit_code == 1
    assert "could not be written" in result.output


def test_a_missing_emulator_folder(run, tmp_path):
    result = run("--emulator", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "gee-sm sample" in result.output
