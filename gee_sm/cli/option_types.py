"""What the values of options are: paths and lists."""

from __future__ import annotations

from pathlib import Path

import click

EXISTING_PATH = click.Path(path_type=Path, exists=True)
EXISTING_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)
NEW_FOLDER = click.Path(path_type=Path, file_okay=False)


def comma_separated(text: str) -> list[str]:
    """Read ``a, b,c``; empty parts are left out.

    Examples
    --------
    >>> comma_separated("gldas, cci,")
    ['gldas', 'cci']
    """
    return [part.strip() for part in text.split(",") if part.strip()]
