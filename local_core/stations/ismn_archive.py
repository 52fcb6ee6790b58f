"""Read archives of the International Soil Moisture Network: a folder or the zip as downloaded."""

from __future__ import annotations

import io
import logging
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from local_core.stations.sensor_record import SensorRecord, StationDataError, in_time_order

_log = logging.getLogger(__name__)

_VARIABLES = {"sm": "soil_moisture", "ts": "soil_temperature"}

# CSE_Network_Station_variable_depthfrom_depthto_Sensor_start_end.stm
_FILE_NAME = re.compile(
    r"^(?P<cse>[^_]+)_(?P<network>[^_]+)_(?P<station>.+?)_(?P<variable>[a-z]+\d*)"
    r"_(?P<depth_from>-?\d+\.\d+)_(?P<depth_to>-?\d+\.\d+)_(?P<sensor>.*?)_\d{8}_\d{8}$"
)
_DATE = re.compile(rb"^\d{4}/\d{2}/\d{2}$")
_MISSING = -9999.0
_COLUMNS = ["date", "clock", "value", "flag", "provider_flag"]


def read_ismn(path: str | Path, *, reader: str = "plain") -> list[SensorRecord]:
    r"""Read the soil moisture and soil temperature of an ISMN archive.

    Understands "header+values" and "CEOP in separate files", with any line end (some archives end
    lines with a carriage return alone), missing values written as -9999, and the old and the new
    flag set. Other variables of the archive are passed over.

    Parameters
    ----------
    path : path
        A folder (searched through), the zip as downloaded, or one ``.stm`` file.
    reader : {"plain", "ismn"}, optional
        Who parses the files: this module, or the ``ismn`` package if it is installed.

    Returns
    -------
    list of SensorRecord
        In the order of the file names. Times are UTC, as the archive delivers them.

    Raises
    ------
    StationDataError
        If there is no ``.stm`` file, or one cannot be read.
    ImportError
        If ``reader="ismn"`` and the package is absent.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = "N_N_S1_sm_0.050000_0.050000_Probe_20100101_20101231.stm"
    ...     text = "N N S1 33.9 102.1 3431.0 0.05 0.05 Probe\r2010/07/01 00:00 0.31 G M\r"
    ...     _ = pathlib.Path(folder, name).write_text(text)
    ...     [record] = read_ismn(folder)
    >>> record.site, record.depth_cm, record.value.tolist()
    ('N/S1', 5, [0.31])
    """
    path = Path(path)
    if reader == "plain":
        records = list(_read_plain(path))
    elif reader == "ismn":
        records = list(_read_with_ismn_package(path))
    else:
        raise ValueError(f"reader {reader!r} is not known; expected 'plain' or 'ismn'")
    if not records:
        raise StationDataError(
            f"{path}: no soil-moisture or soil-temperature file (*_sm_*.stm, *_ts_*.stm) found; "
            "expected the folder or the zip of an ISMN download"
        )
    return records


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[str], Callable[[str], bytes]]]:
    """Give the names of the archive's files of interest, and a function that reads one of them."""
    suffixes = (".stm", "_static_variables.csv")
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if file.name.endswith(suffixes)]
        yield (
            [file.relative_to(path).as_posix() for file in found],
            lambda name: (path / name).read_bytes(),
        )
    elif path.suffix.lower() == ".zip" and path.exists():
        try:
            with zipfile.ZipFile(path) as archive:
                yield sorted(n for n in archive.namelist() if n.endswith(suffixes)), archive.read
        except (zipfile.BadZipFile, EOFError) as error:
            raise StationDataError(
                f"{path}: not a readable zip archive ({error}); download it again"
            ) from error
    elif path.suffix == ".stm" and path.exists():
        yield [path.name], lambda name: (path.parent / name).read_bytes()
    else:
        raise StationDataError(
            f"{path}: expected a folder, a .zip or a .stm file of the ISMN, and found "
            + ("another file" if path.exists() else "nothing there")
        )


def _read_plain(path: Path) -> Iterator[SensorRecord]:
    with _opened(path) as (names, read):
        static = {
            str(PurePosixPath(name).parent): _static_classes(read(name))
            for name in names
            if name.endswith("_static_variables.csv")
        }
        stm_names = [name for name in names if name.endswith(".stm")]
        # Silent where nobody watches, and for archives read in a moment.
        for name in tqdm(stm_names, desc="ISMN", unit="file", delay=2, disable=None):
            parts = _name_parts(name)
            if parts["variable"] not in _VARIABLES:
                continue
            land_cover, climate = static.get(str(PurePosixPath(name).parent), ("", ""))
            yield _parse_stm(read(name), name, parts, land_cover, climate)


def _name_parts(name: str) -> dict[str, str]:
    stem = PurePosixPath(name).name.removesuffix(".stm")
    match = _FILE_NAME.match(stem)
    if match is None:
        raise StationDataError(
            f"{name}: the file name is not that of an ISMN file (CSE_network_station_variable_"
            "depthfrom_depthto_sensor_start_end.stm), so the variable is unknown; restore the name"
        )
    return match.groupdict()


def _parse_stm(
    content: bytes, name: str, parts: dict[str, str], land_cover: str, climate: str
) -> SensorRecord:
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip()
    header = lines.split(b"\n", 1)[0].split()
    if not header:
        raise StationDataError(f"{name}: the file is empty")
    ceop = bool(_DATE.match(header[0]))
    try:
        if ceop:
            latitude, longitude, elevation = (float(text) for text in header[7:10])
            depth_from, depth_to = (float(text) for text in header[10:12])
            sensor, columns, skip = parts["sensor"], [0, 1, 12, 13, 14], 0
        else:
            latitude, longitude, elevation, depth_from, depth_to = (
                float(text) for text in header[3:8]
            )
            sensor = b" ".join(header[8:]).decode("utf-8", "replace") or parts["sensor"]
            columns, skip = [0, 1, 2, 3, 4], 1
        table = pd.read_csv(
            io.BytesIO(lines),
            sep=r"\s+",
            header=None,
            skiprows=skip,
            usecols=columns,
            names=_COLUMNS if not ceop else None,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8",
            encoding_errors="replace",
        )
        table.columns = _COLUMNS
        time = pd.to_datetime(table["date"] + " " + table["clock"], format="%Y/%m/%d %H:%M")
        value = table["value"].to_numpy().astype(float)
    except pd.errors.EmptyDataError:
        time, value = pd.Series([], dtype="datetime64[ns]"), np.empty(0)
        table = pd.DataFrame(columns=_COLUMNS, dtype=str)
    except (ValueError, IndexError, pd.errors.ParserError) as error:
        raise StationDataError(
            f"{name}: not the ISMN formats 'header+values' or 'CEOP in separate files' ({error}); "
            "download the file again, or use reader='ismn'"
        ) from error
    value[value <= _MISSING] = np.nan
    stamps, (value, flag, provider_flag), dropped = in_time_order(
        time.to_numpy(),
        value,
        table["flag"].to_numpy().astype(str),
        table["provider_flag"].to_numpy().astype(str),
    )
    if dropped:
        _log.warning("%s: %d rows repeat a time stamp; the first of each is used", name, dropped)
    return SensorRecord(
        network=parts["network"],
        station=parts["station"],
        variable=_VARIABLES[parts["variable"]],
        depth_from_m=depth_from,
        depth_to_m=depth_to,
        time=stamps,
        value=value,
        flag=flag,
        provider_flag=provider_flag,
        latitude=latitude,
        longitude=longitude,
        elevation_m=elevation,
        sensor=sensor,
        source=name,
        land_cover=land_cover,
        climate=climate,
    )


def _static_classes(content: bytes) -> tuple[str, str]:
    """Return land cover and climate class of a station: as seen on site, else the newest map's."""
    land_cover, climate = "", ""
    newest_cover, newest_climate = "", ""
    for line in content.decode("utf-8", "replace").splitlines():
        cells = line.split(";")
        if len(cells) < 7:
            continue
        quantity, value, description, source = cells[0], cells[4], cells[5], cells[6]
        text = f"{value} {description}".strip()
        if quantity == "land cover classification" and source >= newest_cover:
            land_cover, newest_cover = text, source
        elif quantity == "climate classification" and source >= newest_climate:
            climate, newest_climate = text, source
    return land_cover, climate


def _read_with_ismn_package(path: Path) -> Iterator[SensorRecord]:
    try:
        from ismn.filehandlers import DataFile
    except ImportError as error:
        raise ImportError(
            "reader='ismn' needs the ismn package: pip install 'gee-sm[ismn]' "
            "(or use reader='plain')"
        ) from error
    root = path.parent if path.suffix == ".stm" else path
    with _opened(path) as (names, _):
        stm_names = [name for name in names if name.endswith(".stm")]
    with tempfile.TemporaryDirectory() as scratch:
        for name in stm_names:
            parts = _name_parts(name)
            variable = _VARIABLES.get(parts["variable"])
            if variable is None:
                continue
            file = DataFile(str(root), name, temp_root=scratch)
            table = file.read_data()
            meta = {key: file.metadata[key].val for key in ("latitude", "longitude", "elevation")}
            depth = file.metadata["variable"].depth
            value = table.iloc[:, 0].to_numpy(dtype=float)
            stamps, (value, flag, provider_flag), _ = in_time_order(
                table.index.to_numpy(),
                np.where(value <= _MISSING, np.nan, value),
                table.iloc[:, 1].to_numpy().astype(str),
                table.iloc[:, 2].to_numpy().astype(str),
            )
            yield SensorRecord(
                network=parts["network"],
                station=parts["station"],
                variable=variable,
                depth_from_m=depth.start,
                depth_to_m=depth.end,
                time=stamps,
                value=value,
                flag=flag,
                provider_flag=provider_flag,
                latitude=meta["latitude"],
                longitude=meta["longitude"],
                elevation_m=meta["elevation"],
                sensor=file.metadata["instrument"].val,
                source=name,
            )
