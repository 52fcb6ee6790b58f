"""Quality words: several small numbers packed into the bits of one integer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import ee

Quality = Literal["good", "usable", "none"]
"""How strict a product's quality rule is: its best pixels, those with a doubt as well, or all."""

QUALITIES: tuple[Quality, ...] = ("good", "usable", "none")


class UnknownQualityError(ValueError):
    """A strictness that does not exist was asked for."""


def checked_quality(quality: str) -> Quality:
    """Return the strictness, or raise :class:`UnknownQualityError` if there is no such."""
    for known in QUALITIES:
        if quality == known:
            return known
    raise UnknownQualityError(
        f"quality {quality!r} is unknown; use 'good' (the product's best pixels), 'usable' "
        "(doubtful ones as well) or 'none' (no quality rule)"
    )


def bits(word: ee.Image, first: int, last: int | None = None) -> ee.Image:
    """Return the number that some bits of a quality word hold.

    Parameters
    ----------
    word : ee.Image
        One band of integers.
    first, last : int
        Lowest and highest bit, both included, counted from 0; one bit if `last` is left out.

    Returns
    -------
    ee.Image
        The same band, 0 to ``2**(last - first + 1) - 1``.

    Raises
    ------
    ValueError
        If the bits are not in order.

    Examples
    --------
    >>> from gee_sm.emulator import connect_client
    >>> with connect_client():
    ...     word = ee.Image.constant(0b01_00_00_01).toUint8().rename("qc")
    ...     bits(word, 6, 7).reduceRegion("first", ee.Geometry.Point(91, 33), 10).getInfo()
    {'qc': 1}
    """
    last = first if last is None else last
    if not 0 <= first <= last:
        raise ValueError(f"bits are counted upwards from 0; got first={first}, last={last}")
    return word.rightShift(first).bitwiseAnd((1 << (last - first + 1)) - 1)


def is_one_of(values: ee.Image, accepted: Sequence[int]) -> ee.Image:
    """Return 1 where an image holds one of the accepted numbers, else 0, named ``accepted``.

    Parameters
    ----------
    values : ee.Image
        One band of integers.
    accepted : sequence of int
        At least one number.

    Returns
    -------
    ee.Image
        Band ``accepted``, masked where the values are.
    """
    found = values.eq(accepted[0])
    for number in accepted[1:]:
        found = found.Or(values.eq(number))
    return found.rename("accepted")
