"""Documented outputs: the emulator gives them, coverage counts them, the page shows them."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from gee_sm.cli import main
from gee_sm.emulator.documented import OUTPUTS, DocumentedOutput
from gee_sm.emulator.documented.comparison import compare
from gee_sm.emulator.documented.coverage import coverage
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.signatures import signatures

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("row", OUTPUTS, ids=lambda row: row.expression[:60])
def test_the_emulator_gives_the_documented_output(earth_engine, row):
    """Or does not, where the row says why; a reason that no longer holds fails too."""
    comparison = compare(row)
    assert comparison.agrees != bool(row.disagrees), comparison.found


def test_rows_are_well_formed_and_not_repeated():
    assert len({row.expression for row in OUTPUTS}) == len(OUTPUTS) > 1000
    classes = {name.partition(".")[0] for name in signatures()}
    for row in OUTPUTS:
        assert row.function in signatures() or row.function in classes
        assert row.source in ("printed", "stated", "recorded")
        assert row.source == "recorded" or row.page.startswith(("apidocs/ee-", "guides/"))
        assert " " not in row.address
        assert "\n" not in row.expression + row.output + row.disagrees
        assert row.output.startswith("error: ") or json.loads(row.output) is not NotImplemented


def test_of_every_class_with_twenty_outputs_nineteen_agree():
    checked = Counter(row.group for row in OUTPUTS)
    agreeing = Counter(row.group for row in OUTPUTS if not row.disagrees)
    for group, count in checked.items():
        assert count < 20 or agreeing[group] >= 0.95 * count, group
    assert agreeing.total() >= 0.95 * checked.total()


@pytest.mark.parametrize(
    ("expression", "output", "digits", "agrees"),
    [
        ("ee.Number(1).divide(3)", "0.333333", True, True),
        ("ee.Number(1).divide(3)", "0.333334", True, True),  # within a unit of the last digit
        ("ee.Number(1).divide(3)", "0.333332", True, False),
        ("ee.Number(1).divide(3)", "0.333333", False, False),
        ("ee.Number(2e-45).multiply(1)", "1.9e-45", True, True),
        ("ee.Number(2e-45).multiply(1)", "1.8e-45", True, False),
        ("ee.Number(1).divide(3)", "0.3333333333333333", False, True),
        ("ee.Number(1)", "1.0", False, True),
        ("ee.Number(1.5)", "1", True, False),
        ("ee.Number(1)", "true", False, False),
        ("ee.List([1]).contains(1)", "1", False, False),
        ("ee.List([1, 2])", "[1]", False, False),
        ("ee.List([1, 2])", '{"a": 1}', False, False),
        ("ee.Dictionary({'a': 1})", '{"a": 1, "b": 2}', False, False),
        ("ee.Dictionary({'a': 1})", "[1]", False, False),
        ("ee.String('a')", '"b"', False, False),
        ("ee.String('a')", "1", False, False),
        ("ee.Number(1)", "error: no", False, False),
        ("ee.List([1]).get(1)", "1", False, False),
        ("ee.List([1]).get(1)", "error: other words", False, False),
        ("weights(ee.Kernel.laplacian4())", "[[0, 1, 0], [1, -4, 1], [0, 1, 0]]", False, True),
        ("pixel(ee.Image([1, 2]).toArray())", "[1, 2]", False, True),
    ],
)
def test_comparing(earth_engine, expression, output, digits, agrees):
    row = DocumentedOutput("any", expression, output, "guides/any", digits=digits)
    assert compare(row).agrees is agrees


def test_expressions_reach_nothing_but_the_client(earth_engine):
    with pytest.raises(NameError):
        compare(DocumentedOutput("any", "open('/etc/hosts')", "1", "guides/any"))


def test_the_page_is_made_from_the_code():
    specification = importlib.util.spec_from_file_location(
        "make_emulator_coverage", DOCS / "make_emulator_coverage.py"
    )
    maker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(maker)
    shown = (DOCS / "emulator-coverage.md").read_text(encoding="utf-8")
    assert shown == maker.page(), "run docs/make_emulator_coverage.py"


def test_coverage_agrees_with_the_registry():
    functions = {item.name: item for row in coverage() for item in row.functions}
    assert functions.keys() == signatures().keys()
    assert {name for name, item in functions.items() if item.implemented} == set(implementations())
    assert functions["SelectorSet"].state == "internal"
    assert functions["Image.add"].state == "implemented"
    assert sum(len(row.outputs) for row in coverage()) == len(OUTPUTS)


def test_every_public_function_that_is_not_there_has_a_reason():
    for row in coverage():
        for item in row.functions:
            assert item.state != "not there" or item.remark, item.name


def _command(*arguments):
    return CliRunner().invoke(main, ["emulator", "coverage", *arguments])


def test_the_command_counts_class_by_class():
    done = _command()
    assert done.exit_code == 0, done.output
    lines = {line.split()[0]: line.split()[1:] for line in done.output.splitlines()[1:]}
    rows = {row.name: row for row in coverage()}
    kernel = rows["Kernel"]
    assert lines["Kernel"] == [
        "22",
        "22",
        str(len(kernel.outputs)),
        str(kernel.agreeing),
        "100.0",
        "%",
    ]
    assert lines["Terrain"][2:] == ["0", "-"]
    assert "SelectorSet" not in lines
    agreeing = sum(not row.disagrees for row in OUTPUTS)
    assert lines["total"][2:4] == [str(len(OUTPUTS)), str(agreeing)]
    assert "lists 99 functions for itself or under older names" in done.output


def test_the_command_lists_a_class():
    done = _command("--class", "list", "--class", "Model")
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert "List.sequence implemented 9 of 9 outputs" in lines
    assert any(line.startswith("Model.predictImage not there It asks a model") for line in lines)
    assert "Window" not in done.output
    array = _command("--class", "Array").output
    assert "Array.bitwise_and implemented not in the reference" in " ".join(array.split())
    assert "differs: ee.Array([[0, 0], [0, 0]]).eigen()" in array
    assert "https://developers.google.com/earth-engine/apidocs/ee-array-eigen" in array
    internal = _command("--class", "SelectorSet").output
    assert "internal to the service" in internal


def test_the_command_names_what_is_missing():
    done = _command("--missing")
    assert "    Model.fromVertexAi: It asks a model that Google hosts; pull" in done.output


def test_the_command_prints_json():
    found = json.loads(_command("--json").output)
    assert found["official"] + found["internal"] == len(signatures())
    assert found["implemented"] + found["internal_implemented"] == len(implementations())
    assert found["documented_outputs"] == len(OUTPUTS)
    assert "functions" not in found["classes"][0]
    (model,) = json.loads(_command("--class", "Model", "--json").output)["classes"]
    assert model["functions"][0]["name"] == "Model.fromAiPlatformPredictor"
    assert model["functions"][0]["state"] == "not there"


def test_the_command_knows_its_classes():
    done = _command("--class", "Picture")
    assert done.exit_code == 1
    assert "no class Picture in Earth Engine; the classes are Aggregate" in done.output
