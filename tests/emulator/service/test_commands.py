"""``gee-sm serve`` and ``gee-sm emulator``."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import ee
import pytest
from click.testing import CliRunner
from google.auth.credentials import AnonymousCredentials

from gee_sm.cli import main
from gee_sm.emulator import Server
from gee_sm.emulator.client_state import put_back, set_aside
from gee_sm.emulator.registry import implementations


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
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
    assert document["official"] == 991
    assert document["implemented"] == len(implementations())
    assert sum(len(group["missing"]) for group in document["classes"]) == 991 - len(
        implementations()
    )
    shown = CliRunner().invoke(main, ["emulator", "coverage"]).output
    assert f"total {document['implemented']} 991" in " ".join(shown.split())
    image = CliRunner().invoke(main, ["emulator", "coverage", "image", "Join"]).output
    assert image.splitlines()[1].startswith("Image ")
    unknown = CliRunner().invoke(main, ["emulator", "coverage", "Picture"])
    assert unknown.exit_code == 1
    assert "no class Picture" in unknown.output
