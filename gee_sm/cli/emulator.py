"""``gee-sm emulator``: what the emulator can do."""

from __future__ import annotations

import json

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
