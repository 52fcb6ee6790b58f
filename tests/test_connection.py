"""Connecting: once, without prompts, and with errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
from affine import Affine
from google.auth.credentials import AnonymousCredentials

import gee_sm
from gee_sm import connection as connection_module
from gee_sm.connection import EarthEngineConnectionError, connect, sample_catalog
from gee_sm.emulator import CatalogError, CatalogWriter, Emulator, Server


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home without credentials, and the client as it was before."""
    for name in ("GEE_SM_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    from gee_sm.emulator.client_state import put_back, set_aside

    former = set_aside()
    monkeypatch.setattr(connection_module, "_current", None)
    yield
    if connection_module._current is not None:
        connection_module._current.close()
    put_back(former)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A catalog of one image."""
    with CatalogWriter(tmp_path / "catalog") as writer:
        writer.add_image(
            "TEST/IMAGES",
            "a",
            bands={"B1": np.ones((4, 5), "float32")},
            crs="EPSG:32646",
            transform=Affine(10, 0, 0, 0, -10, 0),
            time_start=datetime(2020, 1, 1, tzinfo=UTC),
        )
    return tmp_path / "catalog"


@pytest.fixture
def refusing() -> Iterator[Any]:
    """A server that answers every request but discovery with one error."""
    answer = {"code": 403, "message": ""}
    with Emulator() as emulator:

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps({"error": answer}).encode()
                status = answer["code"]
                if "discovery" in self.path:
                    found = emulator.handle("GET", "/$discovery/rest", {}, {}, b"")
                    body, status = found.body, found.status
                self.send_response(status)
                self.send_header("content-type", "application/json; charset=UTF-8")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def refuse(message: str, code: int = 403) -> str:
            answer.update(message=message, code=code)
            return f"http://127.0.0.1:{server.server_address[1]}"

        yield refuse
        server.shutdown()
        server.server_close()


def test_importing_does_nothing() -> None:
    code = (
        "import sys, gee_sm, gee_sm.connection\n"
        "assert 'ee' not in sys.modules, 'ee'\n"
        "assert 'rasterio' not in sys.modules, 'rasterio'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_emulator_of_a_folder(catalog: Path) -> None:
    with gee_sm.connect(emulator=catalog) as connection:
        assert connection.target == "emulator"
        assert not connection.is_google
        assert ee.ImageCollection("TEST/IMAGES").size().getInfo() == 1
        assert connect(emulator=str(catalog)) is connection
        assert connect() is connection
        with connect(emulator=catalog, exports=catalog.parent / "out") as other:
            assert other.emulator is not None
            assert other.emulator.exports == catalog.parent / "out"
        assert ee.ImageCollection("TEST/IMAGES").size().getInfo() == 1
    assert not ee.data.is_initialized()


def test_emulator_of_a_folder_without_catalog(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"no catalog\.json"):
        connect(emulator=tmp_path)


def test_emulator_true_writes_the_sample_once(
    tmp_path: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gee_sm import sample

    written = []

    def write(path: Path, **_: Any) -> Path:
        written.append(path)
        catalog.rename(path)
        return path

    monkeypatch.setattr(sample, "write", write)
    with connect(emulator=True) as connection:
        assert connection.emulator is not None
        assert ee.ImageCollection("TEST/IMAGES").size().getInfo() == 1
    assert written == [tmp_path / "cache" / "gee-sm" / "sample-1"]
    assert sample_catalog() == written[0]
    assert len(written) == 1


def test_emulator_in_another_process(catalog: Path) -> None:
    with Emulator(catalog) as emulator, Server(emulator) as server:
        connection = connect(endpoint=server.url)
        assert connection.endpoint == server.url
        assert ee.ImageCollection("TEST/IMAGES").size().getInfo() == 1
        state = ee.data._get_state()
        assert connect(endpoint=server.url) is connection
        assert ee.data._get_state() is state


def test_arguments_that_contradict_each_other(catalog: Path) -> None:
    with pytest.raises(ValueError, match="one or the other"):
        connect("my-project", emulator=catalog)
    with pytest.raises(ValueError, match="belong to the emulator"):
        connect("my-project", serve=True)
    with pytest.raises(ValueError, match="endpoint 'fast'"):
        connect("my-project", endpoint="fast")


def test_a_client_that_is_initialised_stays_as_it_is(catalog: Path) -> None:
    with Emulator(catalog) as emulator, Server(emulator) as server:
        ee.Initialize(AnonymousCredentials(), project="somebody-elses", url=server.url)
        state = ee.data._get_state()
        connection = connect()
        assert connection.target == "existing"
        assert connection.project == "somebody-elses"
        assert ee.data._get_state() is state


def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    def prompt(*_: Any) -> str:
        raise AssertionError("it asked")

    monkeypatch.setattr("builtins.input", prompt)
    monkeypatch.setattr(ee, "Authenticate", prompt)
    with pytest.raises(EarthEngineConnectionError, match="earthengine authenticate") as caught:
        connect("my-project-123")
    assert caught.value.reason == "no-credentials"
    assert not ee.data.is_initialized()


@pytest.mark.parametrize("project", ["My-Project", "x", "my_project", "projects/mine"])
def test_names_that_are_no_project(project: str) -> None:
    with pytest.raises(EarthEngineConnectionError, match="6 to 30 lower-case letters") as caught:
        connect(project)
    assert caught.value.reason == "wrong-project"


@pytest.mark.parametrize(
    ("message", "reason", "words"),
    [
        (
            "Not signed up for Earth Engine or project is not registered. Visit "
            "https://developers.google.com/earth-engine/guides/access",
            "not-registered",
            "Register the project",
        ),
        (
            "Earth Engine API has not been used in project 123456 before or it is disabled. "
            "Enable it by visiting https://console.developers.google.com/apis/api/x then retry.",
            "api-disabled",
            "apis/library/earthengine",
        ),
        (
            "Caller does not have required permission to use project my-project-123. Grant the "
            "caller the roles/serviceusage.serviceUsageConsumer role, or a custom role.",
            "no-permission",
            "roles/earthengine.writer",
        ),
        (
            "Project 'projects/my-project-123' not found or deleted.",
            "wrong-project",
            "there is no project 'my-project-123'",
        ),
        ("Something else.", "unknown", "Something else."),
    ],
)
def test_refusals_say_what_to_do(refusing: Any, message: str, reason: str, words: str) -> None:
    with pytest.raises(EarthEngineConnectionError) as caught:
        connect("my-project-123", endpoint=refusing(message))
    assert caught.value.reason == reason
    assert words in str(caught.value)
    assert message in str(caught.value)
    assert not ee.data.is_initialized()


def test_nobody_there() -> None:
    with pytest.raises(EarthEngineConnectionError, match="gee-sm serve") as caught:
        connect("my-project-123", endpoint="http://127.0.0.1:9")
    assert caught.value.reason == "unreachable"


def test_a_failure_leaves_the_connection_there_was(catalog: Path, refusing: Any) -> None:
    with connect(emulator=catalog):
        with pytest.raises(EarthEngineConnectionError):
            connect("my-project-123", endpoint=refusing("Not signed up for Earth Engine"))
        assert ee.ImageCollection("TEST/IMAGES").size().getInfo() == 1


def test_credentials_file(tmp_path: Path, catalog: Path) -> None:
    path = tmp_path / "credentials.toml"
    with Emulator(catalog) as emulator, Server(emulator) as server:
        path.write_text(f'project = "from-the-file"\nendpoint = "{server.url}"\n')
        assert connect(credentials=path).project == "from-the-file"
        assert connect("from-the-call", credentials=path).project == "from-the-call"


def test_project_of_the_environment(catalog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEE_SM_PROJECT", "from-environment")
    with Emulator(catalog) as emulator, Server(emulator) as server:
        assert connect(endpoint=server.url).project == "from-environment"


def test_example_file_is_one() -> None:
    import tomllib

    root = Path(gee_sm.__file__).parents[1]
    example = tomllib.loads((root / "credentials.example").read_text())
    assert set(example) <= connection_module._FIELDS


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.toml", None, "copy credentials.example"),
        ("broken.toml", "project = ", "cannot be read as TOML"),
        ("odd.toml", "projekt = 'x'", "projekt"),
        ("typed.toml", "project = 3", "project"),
        ("key.json", "{}", "not the JSON key of a service account"),
        ("absent-key.toml", "service_account_key = 'no.json'", "not the JSON key"),
    ],
)
def test_bad_credentials(tmp_path: Path, name: str, content: str | None, words: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(EarthEngineConnectionError) as caught:
        connect("my-project-123", credentials=path)
    assert caught.value.reason == "bad-credentials"
    assert words in str(caught.value)
