"""What is wrong with the user's input is said in a line, without a traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def explained() -> Iterator[None]:
    """Turn the errors by which the library refuses input into a message of the command.

    Anything else is a fault of the program and keeps its traceback.

    Raises
    ------
    click.ClickException
        With the message of the error.
    """
    try:
        yield
    except (ValueError, KeyError, ImportError, OSError) as error:
        # The text of a KeyError is the repr of its message.
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise click.ClickException(str(message)) from error


def refuse_to_overwrite(out: Path, inputs: Iterable[Path]) -> None:
    """Stop before a result takes the place of what it is made from.

    Raises
    ------
    ValueError
        If ``out`` is one of the inputs, by this name or another.
    """
    if out.exists() and any(path.exists() and path.samefile(out) for path in inputs):
        raise ValueError(f"--out {out} is one of the inputs: give the result another name")
