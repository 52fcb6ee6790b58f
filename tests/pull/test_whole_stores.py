"""A Zarr store is there whole, or the former one is: whatever happens while it is written."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest
import xarray as xr

from gee_sm import pull
from gee_sm.pull import writing
from gee_sm.pull.writing import write

REGION = (90.0, 33.8, 90.3, 34.0)
ASKED = {"region": REGION, "chunks": {"time": 73}}
_PIXELS = "projects.image.computePixels"
_PUTTING_IN_PLACE = 2
"""A store is replaced in two steps: the former one goes aside, the new one comes."""


@pytest.fixture
def rain(catalog, days_from):
    """A year of CHIRPS, and the store of its first days that is there already."""
    catalog.add_rain(days_from("2019-01-01", 365), shape=(3, 4))
    return catalog


@pytest.fixture
def former(rain, tmp_path):
    """A store of ten days, and what it holds."""
    with rain.connect():
        days = pull.cube("chirps", "2019-01-01", "2019-01-11", region=REGION, cache=False).compute()
    return write(days, tmp_path / "out" / "rain.zarr"), days


def _opened(path):
    return xr.open_zarr(path, consolidated=False).load()


def _is(path, expected):
    xr.testing.assert_equal(
        _opened(path)["precipitation"].reset_coords(drop=True),
        expected["precipitation"].reset_coords(drop=True),
    )


_WRITE_A_YEAR = """
import dask
region = tuple(map(float, sys.argv[3:]))
cube = pull.cube("chirps", "2019-01-01", "2020-01-01", region=region, chunks={"time": 73})
with dask.config.set(scheduler="synchronous"):
    write(cube, sys.argv[2])
"""


def test_a_killed_write_leaves_the_former_store_and_goes_on_where_it_was(
    rain, former, killed_at_the_third_answer
):
    target, days = former
    killed_at_the_third_answer(_WRITE_A_YEAR, rain.folder, str(target), *map(str, REGION))
    _is(target, days)
    with rain.connect() as connection:
        calls = Counter()
        original = connection.emulator.faults.for_request

        def counting(call):
            calls[call] += 1
            return original(call)

        connection.emulator.faults.for_request = counting
        whole = pull.cube("chirps", "2019-01-01", "2020-01-01", cache=False, **ASKED).compute()
        assert calls.pop(_PIXELS) == 5
        write(pull.cube("chirps", "2019-01-01", "2020-01-01", **ASKED), target)
    # The third answer came, but was not kept yet: two of five blocks are there.
    assert calls[_PIXELS] == 3
    _is(target, whole)
    assert whole.sizes["time"] == 365


def test_a_block_that_fails_leaves_the_former_store(former):
    target, days = former

    def failing(block):
        raise RuntimeError("no more blocks")

    lazy = days.chunk(time=5)
    broken = lazy.assign(precipitation=lazy["precipitation"].copy())
    broken["precipitation"].data = broken["precipitation"].data.map_blocks(failing, dtype="f4")
    with pytest.raises(RuntimeError, match="no more blocks"):
        write(broken, target)
    _is(target, days)
    absent = target.with_name("absent.zarr")
    with pytest.raises(RuntimeError, match="no more blocks"):
        write(broken, absent)
    assert [path.name for path in target.parent.iterdir()] == ["rain.zarr"]


def test_the_former_store_is_put_back_where_the_new_one_cannot_come(former, monkeypatch):
    target, days = former
    original, moved = os.replace, []

    def failing(source, destination):
        # The store's own files are moved into place by the same function.
        if target in (source, destination):
            moved.append(source)
        if target == destination and len(moved) == _PUTTING_IN_PLACE:
            # The moment in which neither store has the name.
            assert not target.exists()
            raise OSError("the device is gone")
        return original(source, destination)

    more = days.assign(precipitation=days["precipitation"] + np.float32(1))
    with monkeypatch.context() as patched:
        patched.setattr(writing.os, "replace", failing)
        with pytest.raises(OSError, match="the device is gone"):
            write(more, target)
    assert len(moved) == _PUTTING_IN_PLACE + 1
    _is(target, days)
    assert [path.name for path in target.parent.iterdir()] == ["rain.zarr"]
    write(more, target)
    _is(target, more)
    assert [path.name for path in target.parent.iterdir()] == ["rain.zarr"]
