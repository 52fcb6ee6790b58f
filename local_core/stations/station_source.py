"""Read stations from whatever a user points at."""

from __future__ import annotations

from pathlib import Path

from local_core.stations.csv_table import ColumnMapping, read_csv_table
from local_core.stations.ismn_archive import read_ismn
from local_core.stations.sensor_record import SensorRecord, StationDataError
from local_core.stations.station_file import read_netcdf_records


def read_stations(
    path: str | Path, *, mapping: ColumnMapping | None = None, reader: str = "plain"
) -> list[SensorRecord]:
    """Read the sensors of an ISMN archive, a table or a NetCDF file.

    Parameters
    ----------
    path : path
        A folder or zip of the ISMN or a ``.stm`` file, a ``.csv`` file (or a folder of them), or a
        ``.nc`` file.
    mapping : ColumnMapping, optional
        What the columns of tables are, see :func:`~local_core.stations.csv_table.read_csv_table`.
    reader : {"plain", "ismn"}, optional
        As in :func:`~local_core.stations.ismn_archive.read_ismn`.

    Returns
    -------
    list of SensorRecord

    Raises
    ------
    StationDataError
        If there is nothing to read, or it is of another kind.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if not path.exists():
        raise StationDataError(f"{path}: no such file or folder")
    if suffix in (".nc", ".nc4"):
        return read_netcdf_records(path)
    if path.is_dir() and not any(path.rglob("*.stm")):
        tables = sorted(path.glob("*.csv"))
        if not tables:
            raise StationDataError(f"{path}: holds neither ISMN files (.stm) nor tables (.csv)")
        return [record for table in tables for record in read_csv_table(table, mapping)]
    if suffix in (".csv", ".txt"):
        return read_csv_table(path, mapping)
    return read_ismn(path, reader=reader)
