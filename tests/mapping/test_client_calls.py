"""Faults of Earth Engine told apart: tried again, handed back to be cut, or reported."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor

import ee
import pytest

from gee_sm import client_calls
from gee_sm.client_calls import (
    EarthEngineCallError,
    RequestTooLargeError,
    fetch_pixels,
    fetch_value,
)
from gee_sm.emulator import connect_client


class _Answering:
    """An object whose ``getInfo`` fails as told before it answers."""

    def __init__(self, *faults: Exception):
        self.faults = list(faults)
        self.calls = 0

    def getInfo(self):
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        return "answer"


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The waits between attempts, not waited for."""
    found: list[float] = []
    monkeypatch.setattr(client_calls.time, "sleep", found.append)
    return found


def test_passing_faults_are_tried_again_with_growing_waits(waits):
    value = _Answering(
        ee.EEException("Too many concurrent aggregations."),
        ee.EEException("An internal error has occurred (request: 1)"),
        ConnectionResetError("connection reset by peer"),
        http.client.IncompleteRead(b"half an answ"),
    )
    assert fetch_value(value) == "answer"
    assert value.calls == 5
    assert [0.5 * 2**i <= wait <= 1.5 * 2**i for i, wait in enumerate(waits)] == [True] * 4


def test_what_keeps_failing_is_reported_in_its_own_words(waits):
    value = _Answering(*[ee.EEException("Quota exceeded.")] * 20)
    with pytest.raises(EarthEngineCallError, match=r"Quota exceeded\."):
        fetch_value(value)
    assert value.calls == client_calls.ATTEMPTS


@pytest.mark.parametrize(
    "message",
    [
        "User memory limit exceeded.",
        "Computation timed out.",
        "Total request size (78765200 bytes) must be less than or equal to 50331648 bytes.",
        # A "500" that is no passing fault.
        "Collection query aborted after accumulating over 5000 elements.",
        "Response size exceeds limit.",
    ],
)
def test_too_large_is_not_tried_again_unchanged(message):
    value = _Answering(ee.EEException(message))
    with pytest.raises(RequestTooLargeError):
        fetch_value(value)
    assert value.calls == 1


def test_other_errors_are_final():
    value = _Answering(ee.EEException("Image.select: Band pattern 'VV' did not match any bands."))
    with pytest.raises(EarthEngineCallError, match="did not match"):
        fetch_value(value)
    assert value.calls == 1


def test_pixels_are_read_in_many_threads_at_once():
    """Python before 3.11.8 fails where two threads parse long headers of NPY at once."""
    names = [f"band_{i}" for i in range(300)]
    with connect_client():
        stack = ee.Image.constant(list(range(300))).rename(names)
        grid = {
            "dimensions": {"width": 2, "height": 2},
            "affineTransform": {"scaleX": 1, "scaleY": -1, "translateX": 90, "translateY": 30},
            "crsCode": "EPSG:4326",
        }
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: fetch_pixels(stack, grid), range(40)))
    for answer in answers:
        assert answer.shape == (2, 2)
        assert [answer[name][0, 0] for name in names] == list(range(300))


def test_a_parser_that_met_another_thread_is_asked_again(waits):
    race = SystemError("AST constructor recursion depth mismatch (before=54, after=49)")
    assert fetch_value(_Answering(race, race)) == "answer"
    assert waits == []


def test_other_faults_of_python_are_not_hidden():
    with pytest.raises(SystemError, match="without exception"):
        fetch_value(_Answering(SystemError("error return without exception set")))
