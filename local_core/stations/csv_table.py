"""Read station tables: one column a sensor (described by a mapping), or one row a value."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd

from local_core.stations.sensor_record import SensorRecord, StationDataError, in_time_order

_log = logging.getLogger(__name__)

#: Columns of a table with one row a value; the first four are needed.
LONG_COLUMNS = (
    "station",
    "time",
    "depth_cm",
    "soil_moisture",
    "soil_temperature",
    "flag",
    "network",
    "latitude",
    "longitude",
    "elevation",
)


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """What the columns of a station table are.

    A column may be given as alternatives, ``"WFV 0-5|WFV 0 to 5"``, for tables that differ in
    spelling: the first that a table has is read.

    Parameters
    ----------
    time : str
        Column of the time stamps.
    moisture, temperature : dict of str to float or (float, float)
        Column name to depth [cm], or to the upper and lower end of the sensor [cm].
    flag : dict of str to str, optional
        Moisture column to the column of its quality flag.
    moisture_scale : float, optional
        Factor to m3 m-3: 0.01 for values in percent.
    time_format : str, optional
        As in ``datetime.strptime``; guessed (year first) when absent.
    time_zone : str, optional
        Zone of the time stamps (``"UTC"``, ``"-06:00"``, ``"America/Winnipeg"``). Daily values
        cannot be shifted to UTC: their date is kept as it is.
    missing : sequence of float or str, optional
        Numbers and words that mean "missing".
    station, network : str, optional
        Names; the station defaults to the file's stem.
    station_column : str, optional
        Column of the station name, for tables that hold several.
    latitude, longitude, elevation : float or str, optional
        Numbers, or the columns that hold them.
    encoding, separator : str, optional
        Of the file.
    """

    time: str
    moisture: Mapping[str, float | tuple[float, float]]
    temperature: Mapping[str, float | tuple[float, float]] = field(default_factory=dict)
    flag: Mapping[str, str] = field(default_factory=dict)
    moisture_scale: float = 1.0
    time_format: str | None = None
    time_zone: str = "UTC"
    missing: tuple[float | str, ...] = (-9999.0, -99.0)
    station: str = ""
    network: str = ""
    station_column: str = ""
    latitude: float | str = float("nan")
    longitude: float | str = float("nan")
    elevation: float | str = float("nan")
    encoding: str = "utf-8-sig"
    separator: str = ","

    @classmethod
    def from_toml(cls, path: str | Path) -> ColumnMapping:
        """Read a mapping from a TOML file whose keys are the parameters of this class.

        Raises
        ------
        StationDataError
            If the file is not TOML, holds an unknown key, or lacks ``time`` or ``moisture``.
        """
        try:
            with open(path, "rb") as file:
                given = tomllib.load(file)
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise StationDataError(f"{path}: cannot be read as TOML ({error})") from error
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(given) - known)
        absent = sorted({"time", "moisture"} - set(given))
        if unknown or absent:
            raise StationDataError(
                f"{path}: "
                + "; ".join(
                    [f"unknown key {key!r}" for key in unknown]
                    + [f"key {key!r} is needed" for key in absent]
                )
                + f"; the keys are {', '.join(sorted(known))}"
            )
        if "missing" in given:
            given["missing"] = tuple(given["missing"])
        return cls(**given)


def read_csv_table(path: str | Path, mapping: ColumnMapping | None = None) -> list[SensorRecord]:
    r"""Read the sensors of a station table.

    Parameters
    ----------
    path : path
        A comma-separated file.
    mapping : ColumnMapping, optional
        What the columns are. Without it the table must have one row a value and the columns
        station, time (UTC), depth_cm, soil_moisture (m3 m-3), and may have soil_temperature
        (degC), flag, network, latitude, longitude, elevation.

    Returns
    -------
    list of SensorRecord

    Raises
    ------
    StationDataError
        If the file cannot be read, or a column is missing or holds something else than expected.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "hill.csv")
    ...     _ = path.write_text("day;vwc_5;vwc_20\n01/06/2022;21.5;30\n02/06/2022;-999;29\n")
    ...     shallow, deep = read_csv_table(path, ColumnMapping(
    ...         time="day", time_format="%d/%m/%Y", moisture={"vwc_5": 5, "vwc_20": 20},
    ...         moisture_scale=0.01, missing=(-999,), separator=";"))
    >>> shallow.station, shallow.value.tolist(), deep.depth_cm
    ('hill', [0.215, nan], 20)
    """
    path = Path(path)
    table = _read_text_table(path, mapping)
    if mapping is None:
        return _records_of_long_table(table, path)
    mapping = _resolved(mapping, list(table.columns))
    needed = [
        mapping.time,
        *mapping.moisture,
        *mapping.temperature,
        *mapping.flag.values(),
        *([mapping.station_column] if mapping.station_column else []),
        *(
            place
            for place in (mapping.latitude, mapping.longitude, mapping.elevation)
            if isinstance(place, str)
        ),
    ]
    _need_columns(table, needed, path)
    if not mapping.station_column:
        return _records_of_site(table, path, mapping, mapping.station or path.stem)
    records: list[SensorRecord] = []
    for name, rows in table.groupby(mapping.station_column, sort=True):
        records += _records_of_site(rows, path, mapping, str(name))
    return records


def _read_text_table(path: Path, mapping: ColumnMapping | None) -> pd.DataFrame:
    try:
        table = pd.read_csv(
            path,
            sep=mapping.separator if mapping else ",",
            encoding=mapping.encoding if mapping else "utf-8-sig",
            dtype=str,
            keep_default_na=False,
        )
    except (OSError, UnicodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise StationDataError(f"{path}: cannot be read as a table ({error})") from error
    table.columns = [str(column).strip() for column in table.columns]
    return table


def _resolved(mapping: ColumnMapping, columns: list[str]) -> ColumnMapping:
    """Replace alternative spellings by the one this table has."""

    def spelled(name: str) -> str:
        return next((part for part in name.split("|") if part in columns), name)

    flag = {spelled(name): spelled(column) for name, column in mapping.flag.items()}
    return replace(
        mapping,
        time=spelled(mapping.time),
        moisture={spelled(name): depth for name, depth in mapping.moisture.items()},
        temperature={spelled(name): depth for name, depth in mapping.temperature.items()},
        flag=flag,
    )


def _need_columns(table: pd.DataFrame, needed: list[str], path: Path) -> None:
    absent = [column for column in needed if column not in table.columns]
    if absent:
        raise StationDataError(
            f"{path}: no column {', '.join(repr(column) for column in absent)}; the columns are "
            f"{', '.join(repr(column) for column in table.columns)}. Describe them in a mapping, "
            "or use the columns station,time,depth_cm,soil_moisture"
        )


def _numbers(column: pd.Series, path: Path, missing: tuple[float | str, ...] = ()) -> np.ndarray:
    texts = column.str.strip()
    words = [value for value in missing if isinstance(value, str)]
    empty = texts.isin(["", "NaN", "nan", "NA", "NULL", "null", "None", *words])
    numbers = pd.to_numeric(texts.where(~empty), errors="coerce")
    wrong = numbers.isna() & ~empty
    if wrong.any():
        raise StationDataError(
            f"{path}: column {column.name!r} holds {texts[wrong].iloc[0]!r} in row "
            f"{int(wrong.idxmax()) + 2}; expected numbers (name words that mean missing in the "
            "mapping)"
        )
    # A copy, for what pandas 3 gives out is read-only.
    values = numbers.to_numpy(dtype=float, copy=True)
    values[np.isin(values, [value for value in missing if not isinstance(value, str)])] = np.nan
    return values


def _times(column: pd.Series, path: Path, time_format: str | None, time_zone: str) -> np.ndarray:
    try:
        times = pd.DatetimeIndex(pd.to_datetime(column.str.strip(), format=time_format))
        if times.tz is not None:
            return times.tz_convert("UTC").tz_localize(None).to_numpy(dtype="datetime64[ns]")
        daily = len(times) > 0 and bool((times == times.normalize()).all())
        if time_zone.upper() in ("UTC", "Z", "+00:00") or daily:
            return times.to_numpy(dtype="datetime64[ns]")
        zone = time_zone
        if time_zone[:1] in "+-":
            zone = pd.Timestamp(f"2000-01-01T00:00{time_zone}").tz
        # Hours that a change to summer time repeats or skips cannot be placed: they become NaT.
        local = times.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
        return local.tz_convert("UTC").tz_localize(None).to_numpy(dtype="datetime64[ns]")
    except Exception as error:
        # pandas and the zone data base raise a dozen unrelated types for the same mistake.
        raise StationDataError(
            f"{path}: column {column.name!r} cannot be read as time in zone {time_zone!r} "
            f"({error}); state time_format (e.g. '%d/%m/%Y') and time_zone in the mapping"
        ) from error


def _place(value: float | str, rows: pd.DataFrame, path: Path) -> float:
    if isinstance(value, str):
        numbers = _numbers(rows[value], path)
        return float(numbers[0]) if numbers.size else float("nan")
    return float(value)


def _records_of_site(
    rows: pd.DataFrame, path: Path, mapping: ColumnMapping, station: str
) -> list[SensorRecord]:
    time = _times(rows[mapping.time], path, mapping.time_format, mapping.time_zone)
    place = {
        "latitude": _place(mapping.latitude, rows, path),
        "longitude": _place(mapping.longitude, rows, path),
        "elevation_m": _place(mapping.elevation, rows, path),
    }
    records = []
    for variable, columns, scale in (
        ("soil_moisture", mapping.moisture, mapping.moisture_scale),
        ("soil_temperature", mapping.temperature, 1.0),
    ):
        for column, depth in columns.items():
            value = _numbers(rows[column], path, mapping.missing)
            flags = rows[mapping.flag[column]] if column in mapping.flag else None
            upper, lower = depth if isinstance(depth, (list, tuple)) else (depth, depth)
            records.append(
                _record(
                    path,
                    time,
                    value * scale,
                    None if flags is None else flags.to_numpy().astype(str),
                    network=mapping.network,
                    station=station,
                    variable=variable,
                    depth_from_m=float(upper) / 100,
                    depth_to_m=float(lower) / 100,
                    sensor=column,
                    **place,
                )
            )
    return records


def _records_of_long_table(table: pd.DataFrame, path: Path) -> list[SensorRecord]:
    _need_columns(table, list(LONG_COLUMNS[:4]), path)
    time = pd.Series(_times(table["time"], path, None, "UTC"), index=table.index)
    columns = {
        name: pd.Series(_numbers(table[name], path, (-9999.0, -99.0)), index=table.index)
        for name in LONG_COLUMNS
        if name in table.columns and name not in ("station", "time", "flag", "network")
    }
    network = table["network"] if "network" in table else pd.Series("", index=table.index)
    records = []
    for (net, station, depth), rows in table.groupby(
        [network, table["station"], columns["depth_cm"]]
    ):
        place = {
            key: float(columns[name][rows.index[0]]) if name in columns else float("nan")
            for key, name in (
                ("latitude", "latitude"),
                ("longitude", "longitude"),
                ("elevation_m", "elevation"),
            )
        }
        for variable in ("soil_moisture", "soil_temperature"):
            if variable not in columns:
                continue
            flags = None
            if variable == "soil_moisture" and "flag" in table:
                flags = rows["flag"].to_numpy().astype(str)
            records.append(
                _record(
                    path,
                    time[rows.index].to_numpy(),
                    columns[variable][rows.index].to_numpy(),
                    flags,
                    network=str(net),
                    station=str(station),
                    variable=variable,
                    depth_from_m=float(depth) / 100,
                    depth_to_m=float(depth) / 100,
                    **place,
                )
            )
    return records


def _record(
    path: Path, time: np.ndarray, value: np.ndarray, flag: np.ndarray | None, **about: object
) -> SensorRecord:
    if flag is None:
        flag = np.full(value.shape, "", dtype="U1")
    stamps, (value, flag), dropped = in_time_order(time, value, flag)
    if dropped:
        _log.warning("%s: %d rows without a usable or with a repeated time left out", path, dropped)
    return SensorRecord(time=stamps, value=value, flag=flag, source=str(path), **about)
