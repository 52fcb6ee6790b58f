"""The client starts on the emulator, and comes back from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ee
import pytest

from gee_sm.emulator import CatalogError, Emulator, Limits, connect_client


def test_connects_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with connect_client():
        assert ee.String("works").getInfo() == "works"


def test_connecting_twice_is_connecting_once(catalog_folder: Path) -> None:
    first = connect_client(catalog_folder)
    try:
        assert connect_client(str(catalog_folder)) is first
        other = connect_client(catalog_folder, limits=Limits(collection_elements=2))
        assert other is not first
        assert other.is_current
        assert not first.is_current
        other.close()
        assert first.is_current
    finally:
        first.close()


def test_closing_restores_the_client_that_was_there(
    earth_engine: Any, catalog_folder: Path
) -> None:
    before = ee.data._get_state()
    with connect_client(catalog_folder) as connection:
        assert ee.data._get_state() is not before
        assert connection.is_current
    assert ee.data._get_state() is before
    assert ee.data._get_state().initialized


def test_the_stac_fetch_works_again_afterwards() -> None:
    fetch = ee.deprecation._FetchDataCatalogStac
    with connect_client():
        assert ee.deprecation._FetchDataCatalogStac is fetch


def test_a_folder_without_catalog_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"no catalog\.json"):
        connect_client(tmp_path)


def test_an_emulator_of_ones_own_stays_open(emulator: Emulator) -> None:
    connect_client(emulator).close()
    with connect_client(emulator):
        assert ee.Image("TEST/SINGLE").getInfo()["id"] == "TEST/SINGLE"
    with pytest.raises(ValueError, match="limits and faults of its own"):
        connect_client(emulator, limits=Limits())


def test_discovery_document_has_what_the_client_calls(emulator: Emulator) -> None:
    from gee_sm.emulator.service.endpoints.discovery import discovery_document

    projects = discovery_document()["resources"]["projects"]
    assert {"listAssets"} <= set(projects["methods"])
    assert set(projects["resources"]["assets"]["methods"]) == {
        "copy",
        "create",
        "delete",
        "get",
        "getIamPolicy",
        "getPixels",
        "listAssets",
        "listFeatures",
        "move",
        "patch",
        "setIamPolicy",
    }
    assert "get" in projects["resources"]["maps"]["resources"]["tiles"]["methods"]


def test_algorithms_are_those_of_the_client_package(connection: Any) -> None:
    """The list decides which methods the client has: it is the whole of Google's."""
    wheel = Path(ee.__file__).parent / "tests" / "algorithms.json"
    official = {
        entry["name"].removeprefix("algorithms/"): entry
        for entry in json.loads(wheel.read_text())["algorithms"]
    }
    served = ee.data.getAlgorithms()
    assert set(served) == set(official)
    assert len(served) == 991
    for name, signature in served.items():
        given = [argument["name"] for argument in signature["args"]]
        assert given == [a["argumentName"] for a in official[name].get("arguments", [])], name
        assert signature["returns"] == official[name]["returnType"]


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="pixels_side = 0"):
        Limits(pixels_side=0)
