"""Starts the official client on an emulator without data, and evaluates what it builds."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import ee
import pytest

from gee_sm.emulator.client import connect_client
from gee_sm.emulator.encode import encode
from gee_sm.emulator.graph import Evaluator


@pytest.fixture
def earth_engine() -> Any:
    """The client module, pointed at an emulator in this process."""
    connect_client()
    return ee


@pytest.fixture
def run(earth_engine: Any) -> Callable[..., Any]:
    """Evaluate a client object as ``getInfo`` does, or against a context of one's own."""

    def run(item: Any, context: Any = None) -> Any:
        if context is None:
            return item.getInfo()
        expression = ee.serializer.encode(item, for_cloud_api=True)
        value = Evaluator(json.loads(json.dumps(expression)), context).evaluate()
        return json.loads(json.dumps(encode(value)))

    return run


@pytest.fixture
def message(earth_engine: Any) -> Callable[..., str]:
    """Evaluate a client object that must fail; the result is what the client shows."""

    def message(item: Any) -> str:
        with pytest.raises(ee.EEException) as caught:
            item.getInfo()
        return str(caught.value)

    return message


@pytest.fixture
def catalog_of() -> Callable[..., Any]:
    """Make a context whose catalog holds tables given by id."""

    def catalog_of(tables: dict[str, Any]) -> Any:
        return SimpleNamespace(catalog=SimpleNamespace(table=tables.__getitem__))

    return catalog_of
