"""``gee-sm emulator``: what the emulator can do."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click


@click.group()
def command() -> None:
    """What the Earth Engine emulator can do."""


@command.command()
@click.argument("names", nargs=-1, metavar="[CLASS]...")
@click.option("--missing", is_flag=True, help="Name what is not there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def coverage(names: tuple[str, ...], missing: bool, as_json: bool) -> None:
    """Print implemented and official functions, class by class.

    With CLASS, such as Image, only these classes, and what they lack.
    """
    from gee_sm.emulator.registry import coverage as table

    rows = table()
    if names:
        known = {row[0].lower(): row for row in rows}
        unknown = [name for name in names if name.lower() not in known]
        if unknown:
            raise click.ClickException(
                f"no class {', '.join(unknown)} in Earth Engine; the classes are "
                f"{', '.join(row[0] for row in rows)}"
            )
        rows = [known[name.lower()] for name in names]
        missing = True
    have, total = sum(row[1] for row in rows), sum(row[2] for row in rows)
    if as_json:
        classes = [
            {"class": group, "implemented": n, "official": of, "missing": absent}
            for group, n, of, absent in rows
        ]
        click.echo(json.dumps({"implemented": have, "official": total, "classes": classes}))
        return
    width = max(len("class"), *(len(row[0]) for row in rows))
    click.echo(f"{'class':{width}}  implemented  official")
    for group, present, official, absent in rows:
        click.echo(f"{group:{width}}  {present:11d}  {official:8d}")
        if missing and absent:
            short = (name.partition(".")[2] or name for name in absent)
            click.echo(click.wrap_text(", ".join(short), 88, "    lacks: ", "           "))
    click.echo(f"{'total':{width}}  {have:11d}  {total:8d}")


@command.command()
@click.option("--project", help="Google Cloud project registered for Earth Engine.")
@click.option(
    "--credentials",
    type=click.Path(path_type=Path),
    help="A credentials.toml or a service account's key.",
)
@click.option("--endpoint", help="standard, high-volume, or a URL such as that of gee-sm serve.")
@click.option("--emulator", is_flag=True, help="Ask the emulator itself, in this process.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Keep answers as JSON."
)
def verify(
    project: str | None,
    credentials: Path | None,
    endpoint: str | None,
    emulator: bool,
    out: Path | None,
) -> None:
    """Ask Earth Engine whether the emulator's assumptions hold.

    Each assumption is one small request. Exits with 1 unless all of them agree.
    """
    import ee
    from tqdm import tqdm

    from gee_sm.connection import EarthEngineConnectionError, connect
    from gee_sm.emulator import connect_client
    from gee_sm.emulator.assumptions import SECTIONS, verification

    if emulator and (project or credentials or endpoint):
        raise click.ClickException(
            "--emulator asks this process, --project, --credentials and --endpoint a service: "
            "give one or the other"
        )
    try:
        if emulator:
            connection = connect_client()
        else:
            connection = connect(project, credentials=credentials, endpoint=endpoint)
    except (EarthEngineConnectionError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    rows = [row for section in SECTIONS for row in section.assumptions]
    findings = []
    with connection:
        service = "emulator" if emulator else connection.endpoint
        with tqdm(total=len(rows), unit="check", disable=not sys.stderr.isatty()) as bar:
            for finding in verification.verify(rows):
                findings.append(finding)
                bar.update()
                with bar.external_write_mode():
                    _tell(finding)
    found = verification.record(findings, service)
    click.echo(
        f"{found['agrees']} of {len(rows)} assumptions agree, {found['differs']} differ, "
        f"{found['unanswered']} were not answered ({service}, client {ee.__version__})"
    )
    if out is not None:
        _write(out, found)
    if found["agrees"] < len(rows):
        sys.exit(1)


def _tell(finding: Any) -> None:
    row = finding.assumption
    click.echo(f"{finding.status:10}  {row.function}: {row.assumption}")
    if finding.status != "agrees":
        click.echo(f"            check    {row.check}")
        click.echo(f"            assumed  {row.answer}")
        click.echo(f"            found    {finding.found}")


def _write(path: Path, found: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(
            json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        os.replace(temporary, path)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror or error}") from error
