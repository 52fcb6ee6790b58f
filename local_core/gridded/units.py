"""Units that files state, and the way to ours."""

from __future__ import annotations

import re

import xarray as xr

WATER_DENSITY = 1000.0
"""kg m-3."""

ZERO_CELSIUS = 273.15
"""K."""

_SECONDS_PER_DAY = 86_400.0

_SPELLINGS = {
    "m3 m-3": ("m3 m-3", "m3/m3", "m3m-3", "cm3/cm3", "cm3 cm-3", "m-3 m-3", "m3.m-3"),
    "%": ("%", "percent", "percentage", "percentage (%)", "vol%", "% vol", "vol. %"),
    "1": ("1", "", "-", "unitless", "dimensionless", "fraction", "ratio", "none"),
    "kg m-2": ("kg m-2", "kg/m2", "kgm-2", "kg.m-2"),
    "mm": ("mm", "mm/day", "mm d-1", "mm day-1"),
    "m": ("m", "m of water equivalent"),
    "kg m-2 s-1": ("kg m-2 s-1", "kg/m2/s", "mm/s", "mm s-1"),
    "K": ("k", "kelvin", "degk"),
    "degC": ("degc", "c", "celsius", "degrees celsius", "°c", "deg c", "degree_celsius"),
}
_CANONICAL = {spelling: unit for unit, group in _SPELLINGS.items() for spelling in group}


class UnitError(ValueError):
    """A unit that cannot be turned into the one wanted."""


def canonical(unit: str) -> str:
    """Return one spelling for a unit; unknown ones come back as they are.

    Examples
    --------
    >>> canonical("m**3 m**-3"), canonical("m^3/m^3"), canonical("Percentage (%)")
    ('m3 m-3', 'm3 m-3', '%')
    """
    plain = re.sub(r"\s+", " ", unit.replace("**", "").replace("^", "")).strip()
    return _CANONICAL.get(plain.lower(), plain)


def conversion(
    stated: str,
    wanted: str,
    *,
    layer_cm: tuple[float, float] | None = None,
    period_days: float = 1.0,
) -> tuple[float, float]:
    """Return factor and offset that turn a stated unit into the wanted one.

    Parameters
    ----------
    stated, wanted : str
        Units; the spelling of `stated` is free.
    layer_cm : tuple of float, optional
        Top and bottom of a soil layer, for kg m-2 (or mm) of water in it.
    period_days : float
        Days that a rate is summed over.

    Raises
    ------
    UnitError
        If there is no way.

    Examples
    --------
    >>> conversion("kg m-2", "m3 m-3", layer_cm=(10, 40))[0]
    0.0033333333333333335
    >>> conversion("m", "mm")
    (1000.0, 0.0)
    """
    unit = canonical(stated)
    if unit == wanted:
        return 1.0, 0.0
    if wanted == "m3 m-3":
        if unit == "1":
            return 1.0, 0.0
        if unit == "%":
            return 0.01, 0.0
        if unit in ("kg m-2", "mm"):
            if layer_cm is None:
                raise UnitError(f"{stated!r} needs the thickness of the layer")
            thickness_m = (layer_cm[1] - layer_cm[0]) / 100.0
            return 1.0 / (WATER_DENSITY * thickness_m), 0.0
    if wanted == "K" and unit == "degC":
        return 1.0, ZERO_CELSIUS
    if wanted == "degC" and unit == "K":
        return 1.0, -ZERO_CELSIUS
    if wanted == "mm":
        if unit == "kg m-2":
            return 1.0, 0.0
        if unit == "m":
            return 1000.0, 0.0
        if unit == "kg m-2 s-1":
            return _SECONDS_PER_DAY * period_days, 0.0
    if wanted == "1" and unit == "%":
        return 0.01, 0.0
    expected = {
        "m3 m-3": "m3 m-3, %, or kg m-2 of a known layer",
        "K": "K or degC",
        "degC": "K or degC",
        "mm": "mm, kg m-2, m or kg m-2 s-1",
    }.get(wanted, wanted)
    raise UnitError(f"{stated!r}; expected {expected}")


def is_saturation(array: xr.DataArray) -> bool:
    """Return whether an array holds shares of saturation, which are not volumes.

    Active products (ASCAT, CCI active) state percent of saturation: without the porosity of the
    soil they cannot become m3 m-3, and a factor of 0.01 would be wrong by a factor of two.
    """
    words = " ".join(str(array.attrs.get(k, "")) for k in ("long_name", "standard_name", "units"))
    return "saturation" in words.lower()
