"""Stated assumptions: the page shows them, the emulator fulfils them, ``verify`` asks for them."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from pathlib import Path

import ee
import pytest
from click.testing import CliRunner
from ee import _state

from gee_sm.cli import main
from gee_sm.emulator import Emulator, Fault, FaultPlan, Server, assumptions, connect_client
from gee_sm.emulator.assumptions import SECTIONS, Assumption, Section
from gee_sm.emulator.assumptions.verification import verify

DOCS = Path(__file__).parents[2] / "docs"
ROWS = [row for section in SECTIONS for row in section.assumptions]
TRUE = Assumption("Number.add", "One and one.", "ee.Number(1).add(1)", "2")


def test_the_page_is_made_from_the_assumptions():
    specification = importlib.util.spec_from_file_location(
        "make_emulator_semantics", DOCS / "make_emulator_semantics.py"
    )
    maker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(maker)
    shown = (DOCS / "emulator-semantics.md").read_text(encoding="utf-8")
    assert shown == maker.page(), "edit gee_sm/emulator/assumptions and run the script"


def test_rows_fit_a_table_and_are_not_repeated():
    for row in ROWS:
        assert "|" not in row.assumption + row.check + row.answer
        assert "\n" not in row.assumption + row.check + row.answer
        assert "`" not in row.check + row.answer
    assert len({row.check for row in ROWS}) == len(ROWS) > 150


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.function}-{row.check[:30]}")
def test_the_emulator_answers_as_stated(earth_engine, row):
    (finding,) = verify([row])
    assert finding.status == "agrees", finding.found


@pytest.mark.parametrize(
    ("check", "answer", "found"),
    [
        ("ee.Number(1).add(1)", "3", "2"),
        ("ee.Number(1).divide(3)", "0.333334", "0.3333333333333333"),
        ("ee.Number(1)", "true", "1"),
        ("ee.Number(1)", "null", "1"),
        ("ee.List([1, 2])", "[1]", "[1, 2]"),
        ("ee.List([1, 2])", '{"a": 1}', "[1, 2]"),
        ("ee.List([1]).get(0)", "[1]", "1"),
        ("ee.Dictionary({'a': 1})", '{"b": 1}', '{"a": 1}'),
        ("ee.String('a')", '"b"', '"a"'),
        ("ee.String('a')", "1", '"a"'),
        ("ee.Number(1)", "error: no", "1"),
        (
            "ee.List([]).get(0)",
            "error: other words",
            "error: List.get: List index 0 is out of range of an empty list.",
        ),
        (
            "ee.List([]).get(0)",
            "1",
            "error: List.get: List index 0 is out of range of an empty list.",
        ),
    ],
)
def test_an_answer_that_is_not_the_stated_one_differs(earth_engine, check, answer, found):
    (finding,) = verify([Assumption("any", "Doctored.", check, answer)])
    assert (finding.status, finding.found) == ("differs", found)


def test_rounding_is_forgiven_where_decimals_are_stated(earth_engine):
    row = Assumption("any", "A third.", "ee.Number(1).divide(3)", "0.33333333333333337")
    (finding,) = verify([row])
    assert finding.status == "agrees"


def test_a_service_that_does_not_compute_gives_no_answer(monkeypatch):
    plan = FaultPlan([Fault(kind="503", rate=1)])
    with Emulator(faults=plan) as emulator, connect_client(emulator):
        monkeypatch.setattr(_state.get_state(), "max_retries", 0)
        (finding,) = verify([TRUE])
    assert finding.status == "unanswered"
    assert finding.found


def test_a_lost_connection_is_no_answer(earth_engine, monkeypatch):
    def fail(*_, **__):
        raise ConnectionResetError("gone")

    monkeypatch.setattr(ee.data, "computeValue", fail)
    (finding,) = verify([TRUE])
    assert (finding.status, finding.found) == ("unanswered", "ConnectionResetError: gone")


def test_checks_reach_nothing_but_the_client(earth_engine):
    with pytest.raises(NameError):
        list(verify([Assumption("any", "Reads.", "open('/etc/hosts')", "1")]))


def _command(*arguments):
    return CliRunner().invoke(main, ["emulator", "verify", *arguments])


def test_the_command_finds_that_the_emulator_agrees_with_itself(tmp_path):
    done = _command("--emulator", "--out", str(tmp_path / "new" / "answers.json"))
    assert done.exit_code == 0, done.output
    assert done.output.count("\nagrees  ") == len(ROWS) - 1
    assert f"{len(ROWS)} of {len(ROWS)} assumptions agree" in done.output
    kept = json.loads((tmp_path / "new" / "answers.json").read_text(encoding="utf-8"))
    assert kept["earthengine-api"] == ee.__version__
    assert kept["checked"].endswith("Z")
    assert (kept["service"], kept["agrees"]) == ("emulator", len(ROWS))
    assert [item["check"] for item in kept["findings"]] == [row.check for row in ROWS]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["answers.json"]


def test_the_command_asks_a_service_and_reports_what_differs(tmp_path, monkeypatch):
    doctored = dataclasses.replace(TRUE, answer="3")
    section = Section("Doctored", "", (TRUE, doctored))
    monkeypatch.setattr(assumptions, "SECTIONS", (section,))
    out = tmp_path / "answers.json"
    with Emulator() as emulator, Server(emulator) as server:
        done = _command("--project", "some-project", "--endpoint", server.url, "--out", str(out))
    assert done.exit_code == 1, done.output
    assert "differs     Number.add: One and one." in done.output
    assert "assumed  3" in done.output
    assert "found    2" in done.output
    assert "1 of 2 assumptions agree, 1 differ, 0 were not answered" in done.output
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert kept["service"] == server.url
    assert [item["status"] for item in kept["findings"]] == ["agrees", "differs"]


def test_the_command_refuses_two_services():
    done = _command("--emulator", "--project", "some-project")
    assert done.exit_code == 1
    assert "give one or the other" in done.output


def test_the_command_says_why_it_cannot_connect(tmp_path):
    done = _command("--project", "some-project", "--credentials", str(tmp_path / "none.toml"))
    assert done.exit_code == 1
    assert "there is no credentials file" in done.output
