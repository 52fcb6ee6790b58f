"""What was measured in the ground: read, screened, averaged to days and to a model's layers.

:func:`read_stations` (and :func:`read_ismn`, :func:`read_csv_table`) returns one
:class:`SensorRecord` a sensor; :func:`station_dataset` screens them and averages to UTC days, with
every removal on record; :func:`layered_stations` takes the result to the layers of a reanalysis.
"""

from __future__ import annotations

from local_core.stations.csv_table import ColumnMapping, read_csv_table
from local_core.stations.freeze_thaw import freeze_thaw, freeze_thaw_state, onsets
from local_core.stations.ismn_archive import read_ismn
from local_core.stations.layered_stations import layered_stations
from local_core.stations.layers import (
    LAYER_SETS,
    Layer,
    layer_means,
    layer_weights,
    parse_layers,
    to_layers,
)
from local_core.stations.quality_flags import good_values
from local_core.stations.screening import ScreeningRules
from local_core.stations.sensor_record import SensorRecord, StationDataError
from local_core.stations.station_dataset import StationData, station_dataset
from local_core.stations.station_file import (
    read_netcdf_records,
    read_station_file,
    write_station_file,
)
from local_core.stations.station_report import station_report
from local_core.stations.station_source import read_stations
from local_core.stations.status import LayerStatus, SoilState, Status
from local_core.stations.vegetation import reclassify_by_evi

__all__ = [
    "LAYER_SETS",
    "ColumnMapping",
    "Layer",
    "LayerStatus",
    "ScreeningRules",
    "SensorRecord",
    "SoilState",
    "StationData",
    "StationDataError",
    "Status",
    "freeze_thaw",
    "freeze_thaw_state",
    "good_values",
    "layer_means",
    "layer_weights",
    "layered_stations",
    "onsets",
    "parse_layers",
    "read_csv_table",
    "read_ismn",
    "read_netcdf_records",
    "read_station_file",
    "read_stations",
    "reclassify_by_evi",
    "station_dataset",
    "station_report",
    "to_layers",
    "write_station_file",
]
