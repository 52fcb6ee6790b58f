"""Faults of Earth Engine told apart: tried again, handed back to be cut, or reported."""

from __future__ import annotations

import http.client

import ee
import pytest

from gee_sm import client_calls
from gee_sm.client_calls import EarthEngineCallError, RequestTooLargeError, fetch_value


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
