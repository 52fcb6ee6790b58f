"""Stored blocks: windows put together from them, their cache, and zeroing without a branch."""

import threading
from contextvars import ContextVar
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gee_sm.emulator.deadline import given_up_by
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels import stored_blocks
from gee_sm.emulator.pixels.grid import DEFAULT, Grid
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.pixels.source import Source
from gee_sm.emulator.pixels.stored_blocks import StoredFile, read_window
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.pixels.zeroing import kept, selected

SIZE = (300, 410)
TYPES = ("uint8", "int16", "uint32", "int64", "float32", "float64")


def write(path: Path, values: np.ndarray, nodata: float | None, **layout) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        nodata=nodata,
        crs="EPSG:32646",
        transform=Affine(10, 0, 0, 0, -10, 0),
        **layout,
    ) as dataset:
        dataset.write(values, 1)
    return path


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    generator = np.random.default_rng(4)
    found = generator.normal(size=SIZE).astype(np.float32)
    found[generator.random(SIZE) < 0.2] = np.nan
    found[256:, :128] = 3  # a block without gaps beside blocks with them
    return found


@pytest.mark.parametrize(
    "layout",
    [{"tiled": True, "blockxsize": 128, "blockysize": 256}, {"blockysize": 1}, {}],
    ids=["blocks", "lines", "strips"],
)
@pytest.mark.parametrize(
    "window",
    [(0, 0, 128, 256), (0, 0, 410, 300), (127, 255, 2, 2), (0, 256, 128, 44), (100, 3, 200, 290)],
)
def test_windows_are_those_of_rasterio(tmp_path, values, layout, window):
    file = StoredFile.at(write(tmp_path / "a.tif", values, np.nan, **layout))
    column, row, width, height = window
    expected = values[row : row + height, column : column + width]
    for _ in range(2):  # decoded, then kept
        tile = read_window(file, 1, column, row, width, height)
        mask = np.ones(expected.shape, bool) if tile.mask is None else tile.mask
        np.testing.assert_array_equal(mask, ~np.isnan(expected))
        np.testing.assert_array_equal(tile.data, np.nan_to_num(expected))
    if not np.isnan(expected).any():
        assert tile.mask is None


@pytest.mark.parametrize("layout", [{}, {"tiled": True, "blockxsize": 128, "blockysize": 128}])
@pytest.mark.parametrize("nodata", [7, None])
def test_bands_of_a_series_are_those_of_rasterio(tmp_path, layout, nodata):
    # Strips make 64 bands at once and a rest of 6, blocks of 16 kB make 16 and a rest.
    stack = np.random.default_rng(5).integers(0, 9, (70, 130, 140)).astype(np.uint8)
    stack[3] = 1  # a band without gaps between others
    options = {"interleave": "band", "nodata": nodata, **layout}
    shape = dict(zip(("count", "height", "width"), stack.shape, strict=True))
    path = tmp_path / "series.tif"
    with rasterio.open(path, "w", driver="GTiff", dtype="uint8", **shape, **options) as dataset:
        dataset.write(stack)
    file = StoredFile.at(path)
    for band in (70, 1, 4, 65, 64, 17):
        tile = read_window(file, band, 100, 90, 40, 40)
        expected = stack[band - 1, 90:130, 100:140]
        valid = expected != 7 if nodata else np.ones(expected.shape, bool)
        np.testing.assert_array_equal(tile.data, np.where(valid, expected, 0))
        assert (tile.mask is None) == valid.all()
        if tile.mask is not None:
            np.testing.assert_array_equal(tile.mask, valid)


def test_bands_whose_gaps_are_nan_are_decoded_together(tmp_path, values):
    path = tmp_path / "series.tif"
    shape = dict(zip(("height", "width"), values.shape, strict=True))
    options = {"tiled": True, "blockxsize": 128, "blockysize": 128, "nodata": np.nan}
    with rasterio.open(
        path, "w", driver="GTiff", dtype=values.dtype, count=3, **shape, **options
    ) as dataset:
        dataset.write(np.stack([values, values + 1, values + 2]))
    file = StoredFile.at(path)
    tiles = [read_window(file, band, 0, 0, 128, 128) for band in (1, 2, 3)]
    assert tiles[0].data.base is tiles[2].data.base is not None
    for add, tile in enumerate(tiles):
        expected = values[:128, :128] + add
        np.testing.assert_array_equal(tile.data, np.nan_to_num(expected))
        np.testing.assert_array_equal(tile.mask, ~np.isnan(expected))


def test_a_block_is_shared_and_cannot_be_changed(tmp_path, values):
    path = write(tmp_path / "a.tif", values, np.nan, tiled=True, blockxsize=128, blockysize=256)
    file = StoredFile.at(path)
    first = read_window(file, 1, 0, 0, 128, 256)
    assert read_window(file, 1, 0, 0, 128, 256) is first
    with pytest.raises(ValueError, match="read-only"):
        first.data[0, 0] = 1


def test_a_file_written_again_is_read_again(tmp_path, values):
    layout = {"tiled": True, "blockxsize": 128, "blockysize": 256}
    path = write(tmp_path / "a.tif", values, np.nan, **layout)
    before = read_window(StoredFile.at(path), 1, 0, 0, 128, 256)
    write(tmp_path / "b.tif", values + 1, np.nan, **layout).replace(path)
    after = read_window(StoredFile.at(path), 1, 0, 0, 128, 256)
    np.testing.assert_array_equal(after.data[after.mask], (values + 1)[:256, :128][after.mask])
    assert not np.array_equal(after.data, before.data)


def test_the_cache_keeps_to_its_size(monkeypatch):
    blocks = stored_blocks._Blocks(1000)
    for index in range(5):
        blocks.put((None, 0, index, 0), [Tile(np.zeros(300, np.uint8), np.ones(100, bool))])
    assert blocks.bytes == 800
    assert [blocks.get((None, 0, index, 0)) is None for index in range(5)] == [True] * 3 + [
        False
    ] * 2


@given(st.data())
def test_zeroing_is_where(data):
    dtype = np.dtype(data.draw(st.sampled_from(TYPES)))
    shape = data.draw(arrays.array_shapes(min_dims=0, max_dims=3, max_side=5))
    old, new = (data.draw(arrays.arrays(dtype, shape)) for _ in range(2))
    if data.draw(st.booleans()):
        new = np.asarray(new.flat[0])
    keep = data.draw(arrays.arrays(bool, shape))
    if data.draw(st.booleans()) and old.ndim > 1:
        old, keep = old.T, keep.T
        new = new.T
    for ours, theirs in (
        (kept(old, keep), np.where(keep, old, dtype.type(0))),
        (selected(keep, new, old), np.where(keep, new, old)),
        (kept(old.copy(), keep, in_place=True), np.where(keep, old, dtype.type(0))),
        (kept(new, keep), np.where(keep, new, dtype.type(0))),
    ):
        assert ours.dtype == dtype
        assert ours.shape == theirs.shape
        assert ours.tobytes() == theirs.tobytes()  # to the last bit, NaN and minus zero included


class Failing(Source):
    """A source that cannot be computed on one tile."""

    def compute(self, grid, tiles):
        if (grid.x, grid.y) == (512, 512):
            raise EarthEngineError("not here")
        return Tile(np.full(grid.shape, grid.x, np.int32))


def test_threads_fill_every_tile_and_an_error_of_one_is_raised():
    grid = Grid.of(DEFAULT, 1500, 500)
    ((values, mask),) = Plan([Failing()]).arrays(grid, [np.dtype(np.int32)], workers=3)
    assert mask.all()
    np.testing.assert_array_equal(values[0], np.arange(1500) // 512 * 512)
    with pytest.raises(EarthEngineError, match="not here"):
        Plan([Failing()]).arrays(Grid.of(DEFAULT, 1500, 1500), [np.dtype(np.int32)], workers=3)


class Met(Source):
    """A source that two threads must compute at the same time."""

    def __init__(self):
        super().__init__()
        self.meeting = threading.Barrier(2, timeout=60)
        self.home, self.fails_elsewhere = threading.get_ident(), False

    def compute(self, grid, tiles):
        self.meeting.wait()
        if self.fails_elsewhere and threading.get_ident() != self.home:
            raise EarthEngineError("not in this thread")
        return Tile(np.full(grid.shape, grid.x, np.int32))


def test_long_work_is_shared_with_another_thread_whose_error_is_raised_too():
    grid, source = Grid.of(DEFAULT, 2048, 10), Met()
    ((values, _),) = Plan([source]).arrays(grid, [np.dtype(np.int32)], workers=2)
    np.testing.assert_array_equal(values[0], np.arange(2048) // 512 * 512)
    source.fails_elsewhere = True
    with pytest.raises(EarthEngineError, match="not in this thread"):
        Plan([source]).arrays(Grid.of(DEFAULT, 1024, 10), [np.dtype(np.int32)], workers=2)


def test_what_may_end_a_computation_is_called_in_the_callers_context():
    context = ContextVar("calls", default=None)
    seen: list[str] = []
    context.set("mine")

    def check() -> None:
        seen.append(context.get())
        if len(seen) > 2:
            raise EarthEngineError("too late")

    with given_up_by(check), pytest.raises(EarthEngineError, match="too late"):
        Plan([Failing()]).arrays(Grid.of(DEFAULT, 4096, 100), [np.dtype(np.int32)], workers=2)
    assert set(seen) == {"mine"}
    assert len(seen) <= 4
