"""The project's own commands, called from a script."""

from __future__ import annotations

import click
from click.testing import CliRunner


def run(command: click.Command, *arguments: object) -> str:
    """Run a command and return what it printed.

    Raises
    ------
    SystemExit
        If the command fails.
    """
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if result.exit_code:
        raise SystemExit(f"{arguments}: {result.output}") from result.exception
    return result.output
