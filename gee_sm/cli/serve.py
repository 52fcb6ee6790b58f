"""``gee-sm serve``: the emulator over HTTP."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path

import click


@click.command()
@click.option(
    "--emulator",
    "catalog",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the catalog to serve.  [default: the sample region, in a cache folder]",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; anything but this machine's own lets others read the catalog.",
)
@click.option(
    "--exports",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that stands for Drive, buckets and assets.  [default: exports in the catalog]",
)
@click.option(
    "--faults",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Misbehave after a fault plan (TOML or JSON).",
)
@click.option(
    "--unlimited", is_flag=True, help="Do not enforce the service's limits on request sizes."
)
@click.option(
    "--limit",
    "changes",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Change one of the limits, such as computation_seconds=10; may be given several times.",
)
@click.option("-v", "--verbose", is_flag=True, help="Log every request.")
def command(
    catalog: Path | None,
    port: int,
    host: str,
    exports: Path | None,
    faults: Path | None,
    unlimited: bool,
    changes: tuple[str, ...],
    verbose: bool,
) -> None:
    """Serve the emulator over HTTP for any Earth Engine client.

    Runs until it is interrupted. Point a client at it with

    \b
      gee_sm.connect(endpoint="http://127.0.0.1:8765")
    or, without this package,
      ee.Initialize(AnonymousCredentials(), project="any-project", url="http://127.0.0.1:8765")
    """  # noqa: D301 - the backspace is click's mark for lines to leave alone
    from gee_sm.connection import sample_catalog
    from gee_sm.emulator import CatalogError, Emulator, FaultPlan, Limits, Server
    from gee_sm.emulator.faults import FaultPlanError

    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(message)s")
    try:
        plan = None if faults is None else FaultPlan.from_file(faults)
        folder = catalog if catalog is not None else sample_catalog()
        limits = (Limits.none() if unlimited else Limits()).changed(changes)
        emulator = Emulator(folder, exports=exports, limits=limits, faults=plan)
        resumed = emulator.tasks.unfinished
        server = Server(emulator, host=host, port=port)
    except (CatalogError, FaultPlanError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror or error}): choose another --port"
        ) from error
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _leave() if stop.is_set() else stop.set())
    with emulator, server:
        click.echo(f"Earth Engine emulated at {server.url} from {folder}")
        click.echo(f"Exports go to {emulator.exports}")
        if resumed:
            click.echo(f"Tasks of the service before that go on: {resumed}")
        click.echo("Press Ctrl-C to stop.")
        stop.wait()
        click.echo("Stopping; tasks that run will go on when the service is started again.")
    _leave()


def _leave() -> None:
    """End the process now: Python would wait for what is still being computed for requests."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
