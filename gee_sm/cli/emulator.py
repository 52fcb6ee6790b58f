"""``gee-sm emulator``: what the emulator can do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from local_core.atomic_write import write_text


@click.group()
def command() -> None:
    """What the Earth Engine emulator can do."""


@command.command()
@click.option(
    "--class",
    "names",
    multiple=True,
    metavar="CLASS",
    help="List the functions of a class, such as Image, with their state. May be repeated.",
)
@click.option("--missing", is_flag=True, help="Name what is not there, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def coverage(names: tuple[str, ...], missing: bool, as_json: bool) -> None:
    """Print what the emulator has, class by class.

    How many functions of the reference are implemented, how many outputs that the reference
    prints or public recordings show were checked, and how many of those the emulator gives.
    """
    from gee_sm.emulator.documented.coverage import coverage as classes

    rows = classes()
    if names:
        known = {row.name.lower(): row for row in rows}
        unknown = [name for name in names if name.lower() not in known]
        if unknown:
            raise click.ClickException(
                f"no class {', '.join(unknown)} in Earth Engine; the classes are "
                f"{', '.join(row.name for row in rows)}"
            )
        rows = tuple(known[name.lower()] for name in names)
    if as_json:
        click.echo(json.dumps(_coverage_json(rows, details=bool(names) or missing)))
        return
    _tell_classes(rows, missing)
    if names:
        for row in rows:
            _tell_functions(row)


def _tell_classes(rows: tuple[Any, ...], missing: bool) -> None:
    shown = [row for row in rows if row.public or len(rows) == 1]
    width = max(len("class"), *(len(row.name) for row in shown))
    click.echo(f"{'class':{width}}  implemented   of  documented outputs  agree")
    for row in shown:
        click.echo(_line(row.name, width, _numbers(row)))
        for item in row.functions if missing else ():
            if item.state == "not there":
                click.echo(f"    {item.name}: {item.remark or 'not there'}")
    totals = _totals(rows)
    if len(rows) > 1:
        click.echo(_line("total", width, totals))
    click.echo(
        f"Besides, the service lists {totals['internal']} functions for itself or under older "
        f"names; the emulator has {totals['internal_implemented']} of them."
    )


def _numbers(row: Any) -> dict[str, int]:
    return {
        "implemented": row.implemented,
        "official": len(row.public),
        "internal": len(row.functions) - len(row.public),
        "internal_implemented": sum(item.implemented for item in row.functions) - row.implemented,
        "documented_outputs": len(row.outputs),
        "agreeing": row.agreeing,
    }


def _totals(rows: tuple[Any, ...]) -> dict[str, int]:
    found = [_numbers(row) for row in rows]
    return {key: sum(numbers[key] for numbers in found) for key in found[0]}


def _line(name: str, width: int, numbers: dict[str, int]) -> str:
    checked, agree = numbers["documented_outputs"], numbers["agreeing"]
    share = f"{agree:5d}  {100 * agree / checked:5.1f} %" if checked else "    -"
    return (
        f"{name:{width}}  {numbers['implemented']:11d}  {numbers['official']:3d}  "
        f"{checked:18d}  {share}"
    )


def _tell_functions(row: Any) -> None:
    click.echo(f"\n{row.name}")
    width = max(len(item.name) for item in row.functions)
    for item in row.functions:
        agreeing = sum(not output.disagrees for output in item.outputs)
        checked = f"{agreeing} of {len(item.outputs)} outputs" if item.outputs else ""
        remark = "; ".join(part for part in (item.remark, checked) if part)
        click.echo(f"  {item.name:{width}}  {item.state:11}  {remark}".rstrip())
    for output in row.outputs:
        if output.disagrees:
            click.echo(f"  differs: {output.expression}")
            click.echo(f"    documented  {output.output}  ({output.address})")
            click.echo(f"    because     {output.disagrees}")


def _coverage_json(rows: tuple[Any, ...], *, details: bool) -> dict[str, Any]:
    classes = []
    for row in rows:
        found: dict[str, Any] = {"class": row.name, **_numbers(row)}
        if details:
            found["functions"] = [
                {
                    "name": item.name,
                    "state": item.state,
                    "remark": item.remark,
                    "documented_outputs": len(item.outputs),
                    "agreeing": sum(not output.disagrees for output in item.outputs),
                }
                for item in row.functions
            ]
        classes.append(found)
    return {**_totals(rows), "classes": classes}


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
    try:
        write_text(path, json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror or error}") from error
