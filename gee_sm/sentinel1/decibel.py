"""From linear power to decibels and back.

Filters, slope factors and averages over space belong to power; thresholds, incidence-angle trends
and seasonal differences belong to decibels.
"""

from __future__ import annotations

import math

import ee


def to_decibel(power: ee.Image) -> ee.Image:
    """Return ``10 log10(power)``, masked where the power is not positive.

    Parameters
    ----------
    power : ee.Image
        Linear power.

    Returns
    -------
    ee.Image
        The same bands in dB.
    """
    return power.updateMask(power.gt(0)).log10().multiply(10)


def to_power(decibel: ee.Image) -> ee.Image:
    """Return ``10 ** (decibel / 10)``.

    Parameters
    ----------
    decibel : ee.Image
        Bands in dB.

    Returns
    -------
    ee.Image
        The same bands in linear power.
    """
    return decibel.multiply(math.log(10) / 10).exp()


def power_of(decibel: float) -> float:
    """Return the linear power of a number in dB."""
    return 10 ** (decibel / 10)
