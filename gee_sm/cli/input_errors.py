"""What is wrong with the user's input is said in a line, without a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
