"""Deep graphs and large values: bounded, and harmless to other threads."""

from __future__ import annotations

import ast
import json
import threading
from typing import Any

import ee
import numpy as np
import pytest

from gee_sm.emulator import Emulator, Limits, connect_client
from gee_sm.emulator.deadline import deadline
from gee_sm.emulator.deep_recursion import deeply
from gee_sm.emulator.value_size import value_bytes


def _chain(length: int, prefix: str = "", start: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the values of a graph that adds 1 again and again."""
    values = {f"{prefix}0": start or {"constantValue": 0}}
    for i in range(1, length + 1):
        arguments = {"left": {"valueReference": f"{prefix}{i - 1}"}, "right": {"constantValue": 1}}
        values[f"{prefix}{i}"] = {
            "functionInvocationValue": {"functionName": "Number.add", "arguments": arguments}
        }
    return values


def _answer(emulator: Emulator, values: dict[str, Any], result: str) -> dict[str, Any]:
    body = json.dumps({"expression": {"result": result, "values": values}}).encode()
    answer = emulator.handle("POST", "/v1/projects/any/value:compute", {}, {}, body)
    return json.loads(answer.body)


@pytest.mark.parametrize("length", [10, 150, 1500])
def test_deep_graphs_are_evaluated(length):
    with Emulator() as emulator:
        assert _answer(emulator, _chain(length), str(length)) == {"result": length}


def test_too_deep_a_graph_is_refused():
    with Emulator() as emulator:
        error = _answer(emulator, _chain(10_000), "10000")["error"]
    assert (error["code"], error["message"]) == (400, "The expression is nested too deeply.")


def test_other_threads_may_parse_python_meanwhile():
    """Python's parser fails where the recursion limit changes while it works."""
    faults: list[BaseException] = []
    done = threading.Event()
    source = "x = " + " + ".join(["f(a, b)"] * 200)

    def parse() -> None:
        while not done.is_set():
            try:
                ast.parse(source)
            except BaseException as error:
                faults.append(error)

    with Emulator() as emulator:
        thread = threading.Thread(target=parse)
        thread.start()
        for _ in range(40):
            assert _answer(emulator, _chain(100), "100") == {"result": 100}
        done.set()
        thread.join()
    assert faults == []


def test_a_deep_function_may_be_called_late():
    values = _chain(500, "b", {"argumentReference": "_a"})
    mapped = {"functionDefinitionValue": {"argumentNames": ["_a"], "body": "b500"}}
    values["0"] = {
        "functionInvocationValue": {
            "functionName": "List.map",
            "arguments": {"list": {"constantValue": [1, 2]}, "baseAlgorithm": mapped},
        }
    }
    with Emulator() as emulator:
        assert _answer(emulator, values, "0") == {"result": [501, 502]}


def test_many_threads_go_deep_at_once():
    found: list[Any] = []
    with Emulator() as emulator:

        def ask() -> None:
            found.append(_answer(emulator, _chain(1500), "1500"))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [{"result": 1500}] * 6


def test_deep_calls_keep_the_deadline_and_the_exception():
    from gee_sm.emulator.deadline import check_deadline
    from gee_sm.emulator.errors import EarthEngineError

    with deadline(-1), pytest.raises(EarthEngineError, match=r"Computation timed out\."):
        deeply(check_deadline)
    deeply(check_deadline)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ee.List.sequence(1, 2000).size(),
        lambda: ee.Array(ee.List.repeat(ee.List.repeat(1, 40), 40)).length(),
        lambda: ee.List.repeat("word" * 30, 50).size(),
        lambda: ee.Dictionary.fromLists(["key"], [ee.List.repeat(1, 1300)]).size(),
    ],
    ids=["list", "array", "strings", "dictionary"],
)
def test_a_value_that_is_too_large_is_refused(make):
    with (
        Emulator(limits=Limits(value_bytes=10_000)) as emulator,
        connect_client(emulator),
        pytest.raises(ee.EEException, match=r"^[\w.]+: Computed value is too large\.$"),
    ):
        make().getInfo()
    with Emulator() as emulator, connect_client(emulator):
        make().getInfo()


def _trained() -> ee.Classifier:
    """Return a classifier of 60 rows, each of two inputs and a class: 1,440 bytes."""
    rows = [ee.Feature(None, {"a": i, "b": -i, "class": i % 2}) for i in range(60)]
    return ee.Classifier.smileCart().train(ee.FeatureCollection(rows), "class", ["a", "b"])


def test_too_much_training_data_is_refused():
    with (
        Emulator(limits=Limits(value_bytes=1_439)) as emulator,
        connect_client(emulator),
        pytest.raises(ee.EEException, match=r"Classifier\.train: Computed value is too large\."),
    ):
        _trained().schema().getInfo()
    with Emulator(limits=Limits(value_bytes=1_440)) as emulator, connect_client(emulator):
        assert _trained().schema().getInfo() == ["a", "b"]


def test_sizes_are_counted_in_numbers_and_characters():
    assert value_bytes(3) == value_bytes([None]) == 8
    assert value_bytes("abc") == 6
    assert value_bytes([1, [2, 3], "abcdefgh"]) == 8 + 16 + 16
    assert value_bytes({"ab": [1.5]}) == 12
    assert value_bytes(np.sqrt) == 0
