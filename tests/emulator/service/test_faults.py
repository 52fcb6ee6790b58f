"""The service misbehaves as planned, and only then."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ee
import pytest
from ee import batch
from google.auth.credentials import AnonymousCredentials
from hypothesis import given
from hypothesis import strategies as st

from gee_sm.emulator import Emulator, Fault, FaultPlan, Server, connect_client
from gee_sm.emulator.faults import FaultPlanError

VALUE = "projects.value.compute"


@contextmanager
def _faulty(*faults: Fault, retries: int = 0, catalog: Path | None = None) -> Iterator[Emulator]:
    with (
        Emulator(catalog, faults=FaultPlan(faults)) as emulator,
        connect_client(emulator),
    ):
        ee.data.setMaxRetries(retries)
        yield emulator


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("429", "Too Many Requests"),
        ("500", r"An internal error has occurred \(request: "),
        ("503", "Earth Engine capacity exceeded"),
    ],
)
def test_refusals(kind: str, words: str) -> None:
    with _faulty(Fault(kind=kind, at=(2,), call=VALUE)) as emulator:
        assert ee.Number(1).getInfo() == 1
        with pytest.raises(ee.EEException, match=words):
            ee.Number(1).getInfo()
        assert ee.Number(1).getInfo() == 1
        assert len(emulator.faults.injected) == 1


def test_message_of_ones_own() -> None:
    with (
        _faulty(Fault(kind="503", rate=1, message="down for a walk")),
        pytest.raises(ee.EEException, match="down for a walk"),
    ):
        ee.Number(1).getInfo()


@pytest.mark.parametrize("kind", ["reset", "truncated"])
def test_lost_answers_in_process(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with _faulty(Fault(kind=kind, at=(1,), call=VALUE)), pytest.raises(ConnectionError):
        ee.Number(1).getInfo()
    with _faulty(Fault(kind=kind, at=(1,), call=VALUE), retries=2):
        assert ee.Number(1).getInfo() == 1


@pytest.mark.parametrize("kind", ["reset", "truncated"])
def test_lost_answers_over_http(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real client, over a real connection, sees them as broken connections and asks again."""
    plan = FaultPlan([Fault(kind=kind, at=(1, 2), call=VALUE)])
    with Emulator(faults=plan) as emulator, connect_client(emulator), Server(emulator) as server:
        ee.Initialize(AnonymousCredentials(), project="gee-sm-emulator", url=server.url)
        ee.data.setMaxRetries(0)
        with pytest.raises(ConnectionError):
            ee.Number(1).getInfo()
        monkeypatch.setattr("googleapiclient.http.time.sleep", lambda _: None)
        ee.data.setMaxRetries(3)
        assert ee.Number(1).getInfo() == 1
        assert len(plan.injected) == 2


def test_slow_answers() -> None:
    with _faulty(Fault(kind="slow", at=(1,), call=VALUE, seconds=0.3)):
        start = time.monotonic()
        assert ee.Number(1).getInfo() == 1
        assert time.monotonic() - start >= 0.3


def test_reset_export_is_not_started_twice(
    catalog_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost after the task was queued; the client's second try finds the same task."""
    monkeypatch.setattr("googleapiclient.http.time.sleep", lambda _: None)
    plan = FaultPlan([Fault(kind="reset", at=(1,), call="projects.table.export")])
    with (
        Emulator(catalog_folder, exports=tmp_path, faults=plan) as emulator,
        connect_client(emulator),
    ):
        task = batch.Export.table.toDrive(ee.FeatureCollection("TEST/POINTS"), "points")
        task.start()
        assert len(batch.Task.list()) == 1
        assert emulator.tasks.get(task.operation_name).finished.wait(10)
        assert task.status()["state"] == "COMPLETED"


def test_tasks_that_fail_or_are_lost(catalog_folder: Path, tmp_path: Path) -> None:
    call = "projects.*.export"
    plan = FaultPlan(
        [
            Fault(
                kind="task_fails", at=(1,), call=call, message="Execution failed; out of memory."
            ),
            Fault(kind="task_lost", at=(2,), call=call),
        ]
    )
    with (
        Emulator(catalog_folder, exports=tmp_path, faults=plan) as emulator,
        connect_client(emulator),
    ):
        table = ee.FeatureCollection("TEST/POINTS")
        failing, lost, fine = (
            batch.Export.table.toDrive(table, description=name) for name in ("f", "l", "g")
        )
        for task in (failing, lost, fine):
            task.start()
        assert emulator.tasks.get(failing.operation_name).finished.wait(10)
        assert failing.status()["state"] == "FAILED"
        assert failing.status()["error_message"] == "Execution failed; out of memory."
        with pytest.raises(ee.EEException, match="was not found"):
            lost.status()
        assert emulator.tasks.get(fine.operation_name).finished.wait(10)
        assert fine.status()["state"] == "COMPLETED"
        assert len(batch.Task.list()) == 2
        assert sorted(path.name for path in (tmp_path / "drive").iterdir()) == ["g.csv"]


def test_start_of_the_client_is_spared_unless_named() -> None:
    with _faulty(Fault(kind="503", rate=1)), pytest.raises(ee.EEException):
        ee.Number(1).getInfo()
    plan = FaultPlan([Fault(kind="503", at=(1,), call="projects.algorithms.list")])
    with Emulator(faults=plan) as emulator:
        answer = emulator.handle("GET", "/v1/projects/p/algorithms", {}, {}, b"")
        assert answer.status == 503


def test_rates_follow_the_seed() -> None:
    def hits(seed: int) -> list[int]:
        plan = FaultPlan([Fault(kind="500", rate=0.3)], seed=seed)
        for _ in range(1000):
            plan.for_request(VALUE)
        return [injection.number for injection in plan.injected]

    assert hits(1) == hits(1)
    assert hits(1) != hits(2)
    # 1000 draws at 0.3: mean 300, standard deviation 14.5; five of them are allowed.
    assert 228 < len(hits(1)) < 372


@given(
    rates=st.lists(st.floats(0.01, 1), min_size=1, max_size=4),
    calls=st.lists(st.sampled_from([VALUE, "projects.image.computePixels"]), max_size=60),
)
def test_one_fault_at_most_befalls_a_call(rates: list[float], calls: list[str]) -> None:
    plan = FaultPlan([Fault(kind="429", rate=rate) for rate in rates], seed=3)
    answers = [plan.for_request(call) for call in calls]
    assert len(plan.injected) == sum(answer is not None for answer in answers)
    assert Counter(i.call for i in plan.injected) <= Counter(calls)


def test_files(tmp_path: Path) -> None:
    toml = tmp_path / "plan.toml"
    toml.write_text(
        'seed = 7\n[[fault]]\nkind = "429"\nrate = 0.1\n\n'
        '[[fault]]\nkind = "slow"\nat = [3, 5]\nseconds = 0.5\ncall = "projects.image.*"\n'
    )
    json_file = tmp_path / "plan.json"
    json_file.write_text(
        json.dumps(
            {
                "seed": 7,
                "fault": [
                    {"kind": 429, "rate": 0.1},
                    {"kind": "slow", "at": [3, 5], "seconds": 0.5, "call": "projects.image.*"},
                ],
            }
        )
    )
    plans = [FaultPlan.from_file(path) for path in (toml, json_file)]
    assert plans[0].faults == plans[1].faults
    assert plans[0].seed == 7
    assert plans[0].faults[1].at == (3, 5)


@pytest.mark.parametrize(
    "content",
    [
        '{"faults": []}',
        '{"fault": [{"rate": 1}]}',
        '{"fault": [{"kind": "403", "rate": 1}]}',
        '{"fault": [{"kind": "429"}]}',
        '{"fault": [{"kind": "429", "rate": 2}]}',
        '{"fault": [{"kind": "429", "at": [0]}]}',
        '{"fault": [{"kind": "429", "at": 3}]}',
        '{"fault": [{"kind": "429", "rate": 1, "when": "now"}]}',
        '{"fault": [{"kind": "429", "rate": "often"}]}',
        "[]",
        "{",
    ],
)
def test_bad_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    with pytest.raises(FaultPlanError):
        FaultPlan.from_file(path)


def test_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaultPlanError, match=r"nothing\.toml"):
        FaultPlan.from_file(tmp_path / "nothing.toml")
