"""The parts of a page that a script writes: what stands between two markers."""

from __future__ import annotations

from pathlib import Path

from local_core.atomic_write import write_text


def replace_part(page: Path, begin: str, end: str, text: str) -> None:
    """Exchange what stands between two markers of a page.

    Parameters
    ----------
    page : path
    begin, end : str
        The markers, which stay.
    text : str
        What is to stand between them, line ends included.

    Raises
    ------
    ValueError
        If the page does not have the first marker once, and the second behind it.
    """
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    if not found or begin in rest or end not in rest:
        raise ValueError(f"{page.name} has no place for this text: expected {begin} ... {end} once")
    after = rest.partition(end)[2]
    write_text(page, f"{before}{begin}{text}{end}{after}")
