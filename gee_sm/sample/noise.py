"""How much noise the sample's sensors have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

__all__ = ["Noise"]


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Every source of noise between the truth and what the sample holds.

    Parameters
    ----------
    looks : float, default 4.4
        Equivalent number of looks of the Sentinel-1 scenes (IW GRD). Infinite: no speckle.
    speckle_correlation : float, default 0
        Width in 10 m pixels of the Gaussian that correlates speckle; 0: independent pixels.
    residual_db : float, default 0.3
        Standard deviation, in dB, of what else changes backscatter from winter to summer.
    residual_length : float, default 150
        Correlation length of that change in metres.
    reflectance : float, default 0.0012
        Standard deviation of Sentinel-2's sensor noise, in reflectance.
    station : float, default 0.01
        Standard deviation of the stations' sensor noise in m3 m-3.

    Raises
    ------
    ValueError
        A value is negative, or looks are zero.

    Examples
    --------
    >>> Noise(looks=20.0).looks
    20.0
    """

    looks: float = 4.4
    speckle_correlation: float = 0.0
    residual_db: float = 0.3
    residual_length: float = 150.0
    reflectance: float = 0.0012
    station: float = 0.01

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value >= 0 or (value == 0 and name in ("looks", "residual_length")):
                raise ValueError(f"noise {name} must not be negative or meaningless, got {value!r}")

    @classmethod
    def none(cls) -> Noise:
        """Return no noise at all, so that the maps must recover the truth."""
        return cls(looks=math.inf, residual_db=0.0, reflectance=0.0, station=0.0)

    @classmethod
    def from_json(cls, values: Mapping[str, float | None]) -> Noise:
        """Return the noise that :meth:`to_json` described."""
        return cls(**{name: math.inf if v is None else v for name, v in values.items()})

    def to_json(self) -> dict[str, float | None]:
        """Return the noise as JSON can hold it: infinite looks become null."""
        return {name: None if math.isinf(v) else v for name, v in asdict(self).items()}
