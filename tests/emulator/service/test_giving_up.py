"""A cancel and the time limit take effect between the nodes of a graph, not only between pieces."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from gee_sm.emulator import Limits
from gee_sm.emulator.deadline import deadline, given_up_by
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels import neighbourhood
from gee_sm.emulator.pixels.grid import Grid, Projection
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.pixels.source import Source
from gee_sm.emulator.pixels.tile import Tile
from gee_sm.emulator.service.task import Task
from gee_sm.emulator.service.tasks import TaskQueue
from gee_sm.emulator.values.kernel import FixedKernel

_PROJECTION = Projection("EPSG:32646", (10.0, 0.0, 400_000.0, 0.0, -10.0, 3_500_000.0))
_ONE_PIECE, _MANY_PIECES = Grid.of(_PROJECTION, 40, 30), Grid.of(_PROJECTION, 1500, 1500)
_STEPS = 50


class _Step(Source):
    """One of many nodes in a row; tells a listener that it is computed."""

    def __init__(self, inputs: tuple[Source, ...], listener: Callable[[], None]):
        super().__init__(inputs)
        self.listener = listener

    def compute(self, grid: Grid, tiles: list[Tile | None]) -> Tile:
        self.listener()
        return Tile(np.zeros((), np.float32))


def _row_of_steps(listener: Callable[[], None]) -> Plan:
    source = _Step((), listener)
    for _ in range(_STEPS):
        source = _Step((source,), listener)
    return Plan([source])


def _run(plan: Plan, grid: Grid) -> None:
    plan.run(grid)


def _arrays(plan: Plan, grid: Grid) -> None:
    plan.arrays(grid, [np.dtype(np.float32)], workers=2)


def _each_tile(plan: Plan, grid: Grid) -> None:
    plan.each_tile(grid, lambda piece, tiles: None, workers=2)


_WAYS = [(_run, _ONE_PIECE), (_arrays, _MANY_PIECES), (_each_tile, _MANY_PIECES)]


@pytest.mark.parametrize(("compute", "grid"), _WAYS)
def test_cancelled_task_computes_no_further_node(
    compute: Callable[[Plan, Grid], None], grid: Grid
) -> None:
    queue = TaskQueue(Limits())
    late: list[int] = []
    known = threading.Event()
    names: list[str] = []

    def listener() -> None:
        assert known.wait(20)
        if queue.get(names[0]).cancelled.is_set():
            late.append(1)
        queue.cancel(names[0])

    def work(task: Task) -> list[str]:
        compute(_row_of_steps(listener), grid)
        return []

    task = queue.submit("projects/any", "EXPORT_IMAGE", work)
    names.append(task.name)
    known.set()
    assert task.finished.wait(20)
    assert task.state == "CANCELLED"
    assert len(late) <= 2  # what two threads had begun by then
    queue.close()


@pytest.mark.parametrize(("compute", "grid"), _WAYS)
def test_no_node_is_computed_when_the_time_is_over(
    compute: Callable[[Plan, Grid], None], grid: Grid
) -> None:
    computed: list[int] = []
    plan = _row_of_steps(lambda: computed.append(1))
    with deadline(-1), pytest.raises(EarthEngineError, match=r"Computation timed out\."):
        compute(plan, grid)
    assert not computed
    _run(plan, _ONE_PIECE)
    assert len(computed) == _STEPS + 1


def test_wide_neighbourhood_is_given_up_between_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbourhood, "_PRODUCTS_AT_ONCE", 1)
    rng = np.random.default_rng(5)
    kernel = FixedKernel(rng.random((5, 5)), 2, 2)
    values = rng.random((104, 34))
    looked: list[int] = []
    with given_up_by(lambda: looked.append(1)):
        found = neighbourhood.correlate(values, kernel)
    assert len(looked) == 5  # 100 rows, 20 at a time
    np.testing.assert_array_equal(
        found, ndimage.correlate(values, kernel.weights, mode="constant")[2:-2, 2:-2]
    )
