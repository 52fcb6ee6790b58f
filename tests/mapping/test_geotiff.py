"""Files of maps: valid, described, and never half-written under their final name."""

from __future__ import annotations

import errno

import numpy as np
import pytest
import rasterio

from gee_sm.mapping import geotiff
from gee_sm.mapping.geotiff import MapWriteError, MapWriter, write_text
from gee_sm.mapping.output_grid import grid_for
from gee_sm.mapping.tiling import Tile, tiles_of


@pytest.fixture
def grid():
    return grid_for((92.0, 32.5, 92.1, 32.6), scale=10)


def _writer(path, grid, **options):
    settings = {"dtype": "float32", "description": "moisture", "tags": {"RECIPE": "robust"}}
    return MapWriter(path, grid, **{**settings, **options})


def test_a_finished_map_is_a_described_cog(tmp_path, grid):
    path = tmp_path / "SM.tif"
    values = np.random.default_rng(0).random(grid.shape, np.float32)
    values[3, 4] = np.nan
    with _writer(path, grid, units="m3 m-3") as writer:
        for tile in tiles_of(*grid.shape, 512):
            rows = slice(tile.row, tile.row + tile.height)
            columns = slice(tile.column, tile.column + tile.width)
            writer.write(tile, values[rows, columns])
    with rasterio.open(path) as dataset:
        np.testing.assert_array_equal(dataset.read(1), values)
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.tags()["RECIPE"] == "robust"
        assert np.isnan(dataset.nodata)
        assert dataset.overviews(1)
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.descriptions == ("moisture",)
        assert dataset.units == ("m3 m-3",)
        assert dataset.crs.to_epsg() == 32646
    assert [p.name for p in tmp_path.iterdir()] == ["SM.tif"]


def test_an_interrupted_map_leaves_nothing(tmp_path, grid):
    def interrupted():
        with _writer(tmp_path / "SM.tif", grid) as writer:
            writer.write(Tile(0, 0, 1, 1), np.zeros((1, 1), np.float32))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_an_older_map_survives_a_failed_one(tmp_path, grid):
    path = tmp_path / "SM.tif"
    path.write_bytes(b"older")
    with pytest.raises(RuntimeError, match="later"), _writer(path, grid):
        raise RuntimeError("later")
    assert path.read_bytes() == b"older"


def test_a_full_disk_is_named(tmp_path, grid, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(geotiff.rasterio.shutil, "copy", full)
    with pytest.raises(MapWriteError, match="the disk is full"), _writer(tmp_path / "a.tif", grid):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_only_looks_finished_is_not_kept(tmp_path, grid, monkeypatch):
    copy = geotiff.rasterio.shutil.copy

    def truncated(source, target, **options):
        copy(source, target, **options)
        data = target.read_bytes()
        target.write_bytes(data[: len(data) // 2])

    monkeypatch.setattr(geotiff.rasterio.shutil, "copy", truncated)
    values = np.random.default_rng(0).random(grid.shape, np.float32)
    with pytest.raises(MapWriteError), _writer(tmp_path / "a.tif", grid) as writer:
        writer.write(Tile(0, 0, *grid.shape), values)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path, grid):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(MapWriteError, match=r"maps.SM.tif could not be written"):
        _writer(blocked / "maps" / "SM.tif", grid)
    with pytest.raises(MapWriteError, match="could not be written"):
        write_text(blocked / "report.json", "{}")
