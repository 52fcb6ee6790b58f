"""Coefficients of the linear retrieval with their uncertainty, and the file they travel in."""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from local_core.atomic_write import write_text

#: Predictors of Li et al. (2025), eq. 7, in the order of its coefficients a, b, c (d is constant).
EQ7_PREDICTORS = ("delta_sigma0_db", "ndvi", "ndmi")

_FORMAT = "gee-sm retrieval coefficients"
_VERSION = 1


class CoefficientFileError(ValueError):
    """A coefficients file that cannot be used, with what is wrong and what to do."""


@dataclass(frozen=True, kw_only=True)
class RetrievalCoefficients:
    """A linear retrieval ``sm = sum(value_i * predictor_i) + constant`` and how sure it is.

    Parameters
    ----------
    values : array_like, shape (k + 1,)
        Slopes in the order of ``predictors``, then the constant; for eq. 7: a, b, c, d in
        m3 m-3 per dB, m3 m-3, m3 m-3, m3 m-3.
    covariance : array_like, shape (k + 1, k + 1)
        Covariance of ``values``, same order.
    residual_std : float
        Standard deviation of a single observation around the retrieval, m3 m-3.
    predictors : tuple of str
        Names of the predictors.
    orbit : str, optional
        ``"ascending"`` or ``"descending"``, where that matters.
    source : str
        Where the numbers come from.
    n_samples : int, optional
        Samples behind the fit.
    details : dict
        Anything else worth keeping (scores, options of the fit).

    Raises
    ------
    ValueError
        If shapes do not fit or the covariance is no covariance.

    Examples
    --------
    >>> c = RetrievalCoefficients(
    ...     values=(0.015, 0.2, 0.1, 0.05), covariance=np.diag([1e-6] * 4), residual_std=0.06
    ... )
    >>> round(float(c.predict([[5.0, 0.4, 0.1]])[0]), 3)
    0.215
    >>> c.a, c.d
    (0.015, 0.05)
    """

    values: NDArray[np.float64]
    covariance: NDArray[np.float64]
    residual_std: float
    predictors: tuple[str, ...] = EQ7_PREDICTORS
    orbit: str | None = None
    source: str = ""
    n_samples: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float64)
        covariance = np.asarray(self.covariance, dtype=np.float64)
        predictors = tuple(self.predictors)
        size = len(predictors) + 1
        if values.shape != (size,):
            raise ValueError(
                f"{len(predictors)} predictors need {size} values (slopes, then the constant), got "
                f"shape {values.shape}"
            )
        if covariance.shape != (size, size):
            raise ValueError(
                f"covariance must be {size} x {size}, the order of values, got {covariance.shape}"
            )
        if not (np.isfinite(values).all() and np.isfinite(covariance).all()):
            raise ValueError("values and covariance must be finite")
        if not np.allclose(covariance, covariance.T, rtol=1e-8, atol=0.0):
            raise ValueError("covariance must be symmetric")
        if np.any(np.diag(covariance) < 0.0):
            raise ValueError("covariance has a negative variance on its diagonal")
        if not (np.isfinite(self.residual_std) and self.residual_std >= 0.0):
            raise ValueError(f"residual_std must be a number >= 0, got {self.residual_std!r}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "covariance", covariance)
        object.__setattr__(self, "predictors", predictors)

    @property
    def a(self) -> float:
        """Slope of the backscatter difference, m3 m-3 per dB."""
        return self._eq7(0)

    @property
    def b(self) -> float:
        """Slope of NDVI, m3 m-3."""
        return self._eq7(1)

    @property
    def c(self) -> float:
        """Slope of NDMI, m3 m-3."""
        return self._eq7(2)

    @property
    def d(self) -> float:
        """Constant, m3 m-3."""
        return self._eq7(3)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """The values as plain floats."""
        return tuple(float(v) for v in self.values)

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard errors of the values."""
        return np.sqrt(np.diag(self.covariance))

    def predict(self, predictors: ArrayLike) -> NDArray[np.float64]:
        """Soil moisture for rows of predictors, shape (..., k) to (...), in m3 m-3."""
        predictors = np.asarray(predictors, dtype=np.float64)
        return predictors @ self.values[:-1] + self.values[-1]

    def prediction_std(
        self, predictors: ArrayLike, *, residual: bool = True
    ) -> NDArray[np.float64]:
        """Standard error of :meth:`predict`, in m3 m-3.

        Parameters
        ----------
        predictors : array_like, shape (..., k)
            Rows of predictors.
        residual : bool
            Whether the residual of a single observation is included; without it, this is the
            error of the fitted plane alone.
        """
        predictors = np.asarray(predictors, dtype=np.float64)
        ones = np.ones((*predictors.shape[:-1], 1))
        design = np.concatenate([predictors, ones], axis=-1)
        variance = np.einsum("...i,ij,...j->...", design, self.covariance, design)
        return np.sqrt(np.maximum(variance, 0.0) + (self.residual_std**2 if residual else 0.0))

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, for JSON and TOML."""
        out: dict[str, Any] = {
            "format": _FORMAT,
            "version": _VERSION,
            "source": self.source,
            "predictors": list(self.predictors),
            "values": [float(v) for v in self.values],
            "residual_std": float(self.residual_std),
            "covariance": [[float(v) for v in row] for row in self.covariance],
        }
        if self.orbit is not None:
            out["orbit"] = self.orbit
        if self.n_samples is not None:
            out["n_samples"] = int(self.n_samples)
        if self.details:
            out["details"] = self.details
        return out

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> RetrievalCoefficients:
        """Inverse of :meth:`to_dict`.

        Raises
        ------
        CoefficientFileError
            If a key is missing or a value has the wrong form.
        """
        if content.get("format") != _FORMAT:
            raise CoefficientFileError(
                f"expected format = {_FORMAT!r}, got {content.get('format')!r}: write the file "
                "with 'gee-sm calibrate'"
            )
        if content.get("version") != _VERSION:
            raise CoefficientFileError(
                f"expected version = {_VERSION}, got {content.get('version')!r}: refit with this "
                "release of gee-sm"
            )
        missing = [
            k for k in ("predictors", "values", "covariance", "residual_std") if k not in content
        ]
        if missing:
            raise CoefficientFileError(f"missing {', '.join(missing)}")
        try:
            return cls(
                values=content["values"],
                covariance=content["covariance"],
                residual_std=float(content["residual_std"]),
                predictors=tuple(content["predictors"]),
                orbit=content.get("orbit"),
                source=content.get("source", ""),
                n_samples=content.get("n_samples"),
                details=content.get("details", {}),
            )
        except (TypeError, ValueError) as error:
            raise CoefficientFileError(str(error)) from None

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write a ``.toml`` or ``.json`` file (under a temporary name, then renamed).

        Raises
        ------
        ValueError
            If the name ends otherwise.
        """
        path = Path(path)
        if path.suffix == ".toml":
            text = _toml(self.to_dict())
        elif path.suffix == ".json":
            text = json.dumps(self.to_dict(), indent=2) + "\n"
        else:
            raise ValueError(f"coefficients are written as .toml or .json, got {path.name!r}")
        return write_text(path, text)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> RetrievalCoefficients:
        """Read a file written by :meth:`write`.

        Raises
        ------
        CoefficientFileError
            If it is no such file; the message names it.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
            content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except (
            OSError,
            UnicodeDecodeError,
            json.JSONDecodeError,
            tomllib.TOMLDecodeError,
        ) as error:
            raise CoefficientFileError(f"{path}: cannot be read ({error})") from None
        try:
            return cls.from_dict(content)
        except CoefficientFileError as error:
            raise CoefficientFileError(f"{path}: {error}") from None

    def _eq7(self, k: int) -> float:
        if self.predictors != EQ7_PREDICTORS:
            raise ValueError(
                f"a, b, c belong to eq. 7 ({', '.join(EQ7_PREDICTORS)}), d too; here the "
                f"predictors are {', '.join(self.predictors)}: use .values"
            )
        return float(self.values[k])


def _toml(content: dict[str, Any]) -> str:
    """Write a nested dict of plain types as TOML (the standard library only reads it)."""
    lines: list[str] = []
    _toml_table(content, (), lines)
    return "\n".join(lines).lstrip("\n") + "\n"


def _toml_table(content: dict[str, Any], name: tuple[str, ...], lines: list[str]) -> None:
    if name:
        lines.append("")
        lines.append(f"[{'.'.join(_toml_key(part) for part in name)}]")
    tables = {k: v for k, v in content.items() if isinstance(v, dict)}
    for key, value in content.items():
        if key not in tables and value is not None:
            lines.append(f"{_toml_key(key)} = {_toml_value(value)}")
    for key, value in tables.items():
        _toml_table(value, (*name, key), lines)


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml_value(v) for v in value) + "]"
    if isinstance(value, float) and not np.isfinite(value):
        return "nan" if np.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, str):
        return _toml_string(value)
    return json.dumps(value)  # numbers look alike in JSON and TOML


def _toml_key(key: str) -> str:
    """Write a key bare where TOML allows it."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_string(key)


def _toml_string(text: str) -> str:
    """Write a TOML basic string: quotes, backslashes and control characters escaped."""
    escaped = (
        f"\\{c}" if c in '"\\' else f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c
        for c in text
    )
    return '"' + "".join(escaped) + '"'
