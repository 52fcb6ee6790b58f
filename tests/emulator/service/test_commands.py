"""``gee-sm serve`` and ``gee-sm emulator``."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import ee
import pytest
import requests
from click.testing import CliRunner
from google.auth.credentials import AnonymousCredentials

from gee_sm.cli import main
from gee_sm.emulator import Server
from gee_sm.emulator.client_state import put_back, set_aside
from gee_sm.emulator.registry import implementations

_LARGE = {
    "dimensions": {"width": 2000, "height": 2000},
    "affineTransform": {"scaleX": 1, "scaleY": -1, "translateX": 400_000, "translateY": 3_500_000},
    "crsCode": "EPSG:32646",
}


def test_serve_until_it_is_interrupted(catalog_folder: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from gee_sm.cli import main; main()",
            "serve",
            "--emulator",
            str(catalog_folder),
            "--port",
            "0",
            "--exports",
            str(tmp_path / "exports"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    former = set_aside()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert url, line
        ee.Initialize(AnonymousCredentials(), project="any-project", url=url[0])
        assert ee.ImageCollection("TEST/IMAGES").size().getInfo() == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        put_back(former)
        process.kill()
        process.wait()


def test_serve_ends_in_the_middle_of_a_computation(catalog_folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from gee_sm.cli import main; main()", "serve", "--port", "0"]
    options = ["--emulator", catalog_folder, "--exports", tmp_path / "exports", "-v"]
    process = subprocess.Popen(
        [*command, *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    former = set_aside()
    try:
        assert process.stdout is not None
        url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert url
        ee.Initialize(AnonymousCredentials(), project="any-project", url=url[0])
        ee.data.setMaxRetries(0)
        slow = ee.Image("TEST/SINGLE").toFloat()  # minutes of work
        for _ in range(6):
            around = slow.focalMean(30, "circle", "pixels")
            slow = slow.add(around.reproject("EPSG:32646", scale=1))
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(
                ee.data.computePixels, {"expression": slow, "fileFormat": "NPY", "grid": _LARGE}
            )
            try:
                # By then the pixels' threads work, for which Python would wait at its end.
                assert not wait([asked], timeout=3).done
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
            finally:
                process.kill()
            with pytest.raises(OSError):
                asked.result()
    finally:
        put_back(former)
        process.kill()
        process.wait()


def test_serve_with_limits_and_faults(catalog_folder: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nkind = "503"\nat = [2]\ncall = "projects.value.compute"\n')
    command = [sys.executable, "-c", "from gee_sm.cli import main; main()", "serve", "--port", "0"]
    options = ["--emulator", catalog_folder, "--exports", tmp_path / "exports", "--faults", plan]
    limits = ["--limit", "collection_elements=24", "--limit", "computation_seconds=60"]
    process = subprocess.Popen(
        [*command, *map(str, options), *limits], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        url = f"{found[0]}/v1/projects/any/value:compute"
        graph = {"functionName": "Collection.loadTable", "arguments": {"tableId": {}}}
        graph["arguments"]["tableId"] = {"constantValue": "TEST/POINTS"}  # type: ignore[index]
        values = {"0": {"functionInvocationValue": graph}}
        request = {"expression": {"result": "0", "values": values}}
        answers = [requests.post(url, json=request, timeout=30) for _ in range(3)]
    finally:
        process.kill()
        process.wait()
    assert [answer.status_code for answer in answers] == [400, 503, 400]
    words = "Collection query aborted after accumulating over 24 elements."
    assert answers[0].json()["error"]["message"] == words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--emulator", "{catalog}", "--limit", "pixels=3"], "there is no limit 'pixels'"),
        (["--emulator", "{catalog}", "--limit", "page_size=many"], "expected page_size=NUMBER"),
        (["--emulator", "{catalog}", "--limit", "page_size=0"], "must be greater than 0"),
        (["--emulator", "{empty}"], "no catalog.json"),
        (["--emulator", "{catalog}", "--port", "{taken}"], "choose another --port"),
        (["--emulator", "{catalog}", "--faults", "{plan}"], "fault plan"),
    ],
)
def test_serve_says_what_is_wrong(
    arguments: list[str], words: str, catalog_folder: Path, tmp_path: Path, served: object
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text("faults = 3")
    (tmp_path / "empty").mkdir()
    server: Server = served.server  # type: ignore[attr-defined]
    values = {
        "empty": tmp_path / "empty",
        "catalog": catalog_folder,
        "taken": server.url.rsplit(":", 1)[1],
        "plan": plan,
    }
    result = CliRunner().invoke(main, ["serve", *(a.format(**values) for a in arguments)])
    assert result.exit_code == 1
    assert words in result.output


def test_coverage() -> None:
    result = CliRunner().invoke(main, ["emulator", "coverage", "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    # Google's list has 991 functions; those for itself and under older names are counted apart.
    assert document["official"] + document["internal"] == 991
    there = document["implemented"] + document["internal_implemented"]
    assert there == len(implementations())
    for key in ("official", "internal", "implemented", "internal_implemented"):
        assert sum(group[key] for group in document["classes"]) == document[key]
    shown = CliRunner().invoke(main, ["emulator", "coverage"]).output
    assert f"total {document['implemented']} {document['official']}" in " ".join(shown.split())
