"""Tables of samples: which column is what, and what has to be derived from others."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from local_core.calibration.backscatter_difference import (
    BackscatterReference,
    angle_slope,
    backscatter_difference,
    linear_to_db,
    normalised_to_angle,
)

#: Factor from a column's unit to m3 m-3.
TARGET_UNITS = {"m3 m-3": 1.0, "percent": 0.01}


class SampleTableError(ValueError):
    """A table that cannot serve as samples, with what is missing and what to do."""


@dataclass(frozen=True, kw_only=True)
class SampleColumns:
    """Where the columns of a table are to be found, and how the predictors are made from them.

    Standard columns of the result are ``soil_moisture`` (m3 m-3), ``delta_sigma0_db``, ``ndvi``,
    ``ndmi``, ``station``, ``time``, ``year`` and ``month``. A table that has them under these names
    needs no options.

    Parameters
    ----------
    target : str
        Column of measured soil moisture, the only one that must be there.
    target_unit : {"m3 m-3", "percent"}
        Its unit.
    station : str, optional
        Column of the station; without one (None, or none of the default name) all rows belong to
        one place.
    time : str, optional
        Column of ISO dates (2020-07-31, with or without a time of day; UTC unless it says other).
    delta, ndvi, ndmi : str
        Columns of ready-made predictors.
    sigma0 : str, optional
        Column of backscatter, to make the difference from if there is no such column.
    sigma0_unit : {"db", "linear"}
        Its unit.
    angle : str, optional
        Column of the incidence angle in degrees; backscatter is then normalised to 38 degrees.
    angle_slope : float, optional
        dB per degree (0.16 ascending, 0.10 descending in the paper); default: from the table.
    reference : BackscatterReference
        What the backscatter difference is taken from.
    nir, red, swir : str, optional
        Columns of reflectance (any common scale), to make NDVI and NDMI from.
    where : str, optional
        Keeps only the rows for which this expression on columns, old and new, is true, for example
        ``"month in [7, 8] and delta_sigma0_db > 0"``.
    """

    target: str = "soil_moisture"
    target_unit: Literal["m3 m-3", "percent"] = "m3 m-3"
    station: str | None = "station"
    time: str | None = "time"
    delta: str = "delta_sigma0_db"
    ndvi: str = "ndvi"
    ndmi: str = "ndmi"
    sigma0: str | None = None
    sigma0_unit: Literal["db", "linear"] = "db"
    angle: str | None = None
    angle_slope: float | None = None
    reference: BackscatterReference = field(default_factory=BackscatterReference)
    nir: str | None = None
    red: str | None = None
    swir: str | None = None
    where: str | None = None

    def __post_init__(self) -> None:
        if self.target_unit not in TARGET_UNITS:
            raise ValueError(
                f"target_unit must be one of {', '.join(TARGET_UNITS)}, got {self.target_unit!r}"
            )
        if self.sigma0_unit not in ("db", "linear"):
            raise ValueError(f"sigma0_unit must be 'db' or 'linear', got {self.sigma0_unit!r}")


@dataclass(frozen=True)
class SampleTable:
    """Samples with standard columns, and what became of the rows of the table.

    Attributes
    ----------
    frame : pandas.DataFrame
        Standard columns beside those of the table.
    notes : tuple of str
        What was derived and how many rows were left out, for the report.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]

    def complete(self, columns: list[str]) -> SampleTable:
        """Keep the rows that have all of these columns.

        Raises
        ------
        SampleTableError
            If a column does not exist or no row is complete.
        """
        missing = [c for c in columns if c not in self.frame]
        if missing:
            raise SampleTableError(
                f"no column {', '.join(missing)} and nothing to derive it from; the table has "
                f"{', '.join(map(str, self.frame.columns))}"
            )
        numbers = self.frame[columns].replace([np.inf, -np.inf], np.nan)
        kept = self.frame[numbers.notna().all(axis=1)]
        gaps = ", ".join(f"{c} {int(numbers[c].isna().sum())}" for c in columns)
        if kept.empty:
            raise SampleTableError(
                f"none of {len(self.frame)} rows is complete; rows with a gap: {gaps}"
            )
        note = f"{len(kept)} of {len(self.frame)} rows are complete (rows with a gap: {gaps})"
        return SampleTable(kept.reset_index(drop=True), (*self.notes, note))


def read_sample_table(
    path: str | os.PathLike[str],
    columns: SampleColumns | None = None,
    *,
    truth: str | os.PathLike[str] | None = None,
) -> SampleTable:
    """Read a CSV table of samples and derive what eq. 7 needs.

    Parameters
    ----------
    path : path
        CSV with a header.
    columns : SampleColumns, optional
        Which column is what.
    truth : path, optional
        Second CSV, row by row beside the first (as Earth Engine exports are often kept apart from
        what was measured); its columns are added.

    Returns
    -------
    SampleTable
        Samples with standard columns.

    Raises
    ------
    SampleTableError
        If a file cannot be read, the two differ in length, or a column is missing; the message
        names the file.
    """
    frame = _read_csv(path)
    if truth is not None:
        beside = _read_csv(truth)
        if len(beside) != len(frame):
            raise SampleTableError(
                f"{truth} has {len(beside)} rows, {path} has {len(frame)}: the two must belong "
                "together row by row"
            )
        new = beside.columns.difference(frame.columns, sort=False)
        frame = frame.join(beside[new])
    try:
        return derive_samples(frame, columns)
    except SampleTableError as error:
        raise SampleTableError(f"{path}: {error}") from None


def derive_samples(frame: pd.DataFrame, columns: SampleColumns | None = None) -> SampleTable:
    """Add the standard columns to a table.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per sample.
    columns : SampleColumns, optional
        Which column is what.

    Returns
    -------
    SampleTable
        The table with standard columns; rows with gaps are kept until
        :meth:`SampleTable.complete`.

    Raises
    ------
    SampleTableError
        If a named column is missing or ``where`` cannot be evaluated.

    Examples
    --------
    >>> table = pd.DataFrame({"sm": [20.0], "B8": [3000], "B4": [1000], "B11": [2000]})
    >>> samples = derive_samples(
    ...     table,
    ...     SampleColumns(
    ...         target="sm", target_unit="percent", station=None, time=None,
    ...         nir="B8", red="B4", swir="B11",
    ...     ),
    ... )
    >>> samples.frame[["soil_moisture", "ndvi", "ndmi"]].iloc[0].tolist()
    [0.2, 0.5, 0.2]
    """
    columns = columns or SampleColumns()
    out, notes = frame.copy(), []
    out["soil_moisture"] = _numbers(frame, columns.target) * TARGET_UNITS[columns.target_unit]
    out["station"] = _station(frame, columns)
    if columns.time is not None and (columns.time in frame or columns.time != SampleColumns.time):
        out = _with_time(out, frame, columns.time)
    if columns.angle is not None and columns.sigma0 is None:
        raise SampleTableError(
            f"the angle {columns.angle!r} serves to normalise backscatter: name its column, too"
        )
    if columns.sigma0 is not None:
        out["sigma0_db"], note = _sigma0_db(frame, columns, out["station"])
        notes += note
        if "time" not in out:
            raise SampleTableError("the backscatter difference needs dates: name their column")
        out["delta_sigma0_db"] = backscatter_difference(
            out["sigma0_db"], out["station"], out["time"], reference=columns.reference
        )
        notes.append(f"backscatter difference: minus the {columns.reference.description}")
    elif columns.delta in frame:
        out["delta_sigma0_db"] = _numbers(frame, columns.delta)
    for name, ready, other in (
        ("ndvi", columns.ndvi, columns.red),
        ("ndmi", columns.ndmi, columns.swir),
    ):
        if columns.nir is not None and other is not None:
            nir, band = _numbers(frame, columns.nir), _numbers(frame, other)
            out[name] = (nir - band) / (nir + band)
            notes.append(f"{name} from {columns.nir} and {other}")
        elif ready in frame:
            out[name] = _numbers(frame, ready)
    if columns.where:
        out, note = _filtered(out, columns.where)
        notes.append(note)
    return SampleTable(out.reset_index(drop=True), tuple(notes))


def _read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    try:
        return pd.read_csv(Path(path), encoding="utf-8-sig", low_memory=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SampleTableError(f"{path}: cannot be read as CSV ({error})") from None


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        raise SampleTableError(
            f"no column {name!r}; the table has {', '.join(map(str, frame.columns))}"
        )
    return frame[name]


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    column = _column(frame, name)
    numbers = pd.to_numeric(column, errors="coerce").astype(np.float64)
    if numbers.isna().all() and column.notna().any():
        raise SampleTableError(
            f"column {name!r} holds no numbers, for example {column.dropna().iloc[0]!r}"
        )
    return numbers


def _station(frame: pd.DataFrame, columns: SampleColumns) -> pd.Series:
    unnamed = columns.station == SampleColumns.station and columns.station not in frame
    if columns.station is None or unnamed:
        return pd.Series("all", index=frame.index)
    return _column(frame, columns.station).astype(str)


def _with_time(out: pd.DataFrame, frame: pd.DataFrame, name: str) -> pd.DataFrame:
    try:
        # Only ISO dates: 03/04/2020 is March in one country and April in another.
        column = pd.to_datetime(_column(frame, name), utc=True, format="ISO8601")
    except (ValueError, TypeError) as error:
        raise SampleTableError(
            f"column {name!r} does not hold dates such as 2020-07-31 ({error})"
        ) from None
    time = column.dt.tz_localize(None)
    return out.assign(time=time, year=time.dt.year, month=time.dt.month)


def _sigma0_db(
    frame: pd.DataFrame, columns: SampleColumns, station: pd.Series
) -> tuple[np.ndarray, list[str]]:
    sigma0 = _numbers(frame, str(columns.sigma0)).to_numpy()
    notes = []
    if columns.sigma0_unit == "linear":
        sigma0 = linear_to_db(sigma0)
        notes.append(f"{columns.sigma0} from linear power to dB")
    if columns.angle is None:
        return sigma0, notes
    angle = _numbers(frame, columns.angle).to_numpy()
    slope, origin = columns.angle_slope, "given"
    if slope is None:
        try:
            slope, origin = angle_slope(sigma0, angle, station), "fitted within stations"
        except ValueError as error:
            raise SampleTableError(f"column {columns.angle!r}: {error}") from None
    notes.append(f"backscatter normalised to 38 degrees with {slope:.3f} dB per degree ({origin})")
    return normalised_to_angle(sigma0, angle, slope), notes


def _filtered(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, str]:
    try:
        kept = frame.query(where, engine="python")
    except Exception as error:  # pandas raises whatever the expression's evaluation raises
        raise SampleTableError(
            f"where={where!r} cannot be evaluated ({error}); columns are "
            f"{', '.join(map(str, frame.columns))}"
        ) from None
    if kept.empty:
        raise SampleTableError(f"none of {len(frame)} rows fulfils where={where!r}")
    return kept, f"{len(kept)} of {len(frame)} rows fulfil {where!r}"
