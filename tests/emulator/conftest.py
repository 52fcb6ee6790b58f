"""Starts the official client without Google, and evaluates what it serialises."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ee
import ee.deprecation
import google.auth.credentials
import httplib2
import pytest

from gee_sm.emulator.encode import encode
from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.graph import Evaluator

_WHEEL = Path(ee.__file__).parent / "tests"


class _Signatures:
    """Answers what the client asks for when it starts: the API and its functions."""

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any
    ) -> tuple[httplib2.Response, bytes]:
        name = "algorithms.json" if "/algorithms" in uri else "cloud_api_discovery_document.json"
        return httplib2.Response({"status": 200}), (_WHEEL / name).read_bytes()


@pytest.fixture(scope="session")
def earth_engine() -> Any:
    """The client module, started."""
    fetch = ee.deprecation._FetchDataCatalogStac
    ee.deprecation._FetchDataCatalogStac = lambda: {}
    ee.Initialize(
        credentials=google.auth.credentials.AnonymousCredentials(),
        project="local-project",
        http_transport=_Signatures(),
    )
    ee.deprecation._FetchDataCatalogStac = fetch
    return ee


@pytest.fixture(scope="session")
def evaluate(earth_engine: Any) -> Callable[..., Any]:
    """Evaluate a client object; the result is a Python value of the emulator."""

    def evaluate(item: Any, context: Any = None) -> Any:
        expression = ee.serializer.encode(item, for_cloud_api=True)
        return Evaluator(json.loads(json.dumps(expression)), context).evaluate()

    return evaluate


@pytest.fixture(scope="session")
def run(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """Evaluate a client object; the result is the JSON that the service would answer."""

    def run(item: Any, context: Any = None) -> Any:
        return json.loads(json.dumps(encode(evaluate(item, context))))

    return run


@pytest.fixture(scope="session")
def message(run: Callable[..., Any]) -> Callable[..., str]:
    """Evaluate a client object that must fail; the result is the message."""

    def message(item: Any, context: Any = None) -> str:
        with pytest.raises(EarthEngineError) as caught:
            run(item, context)
        return caught.value.message

    return message


@pytest.fixture
def catalog_of() -> Callable[..., Any]:
    """Make a context whose catalog holds tables given by id."""

    def catalog_of(**tables: Any) -> Any:
        return SimpleNamespace(catalog=SimpleNamespace(table=tables.__getitem__))

    return catalog_of
