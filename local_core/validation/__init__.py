"""Validation of estimates against references: pairing, grouping, tables and pictures."""

from __future__ import annotations

from local_core.gridded.nearest_pixel import nearest_pixels
from local_core.validation.group_scores import median_over_stations, scores_by
from local_core.validation.pairs import Pairs, PairStatus, pair_stations
from local_core.validation.report import validation_report, write_validation
from local_core.validation.run import USUAL_GROUPINGS, Validation, validate
from local_core.validation.station_series import (
    SeriesFileError,
    SeriesOptions,
    StationSeries,
    at_stations,
    from_dataset,
    read_series,
)
from local_core.validation.tables import (
    formatted_scores,
    latex_table,
    markdown_table,
    write_table,
)
from local_core.validation.time_collocation import collocate_time
from local_core.validation.transect_figure import Transect, transect

__all__ = [
    "USUAL_GROUPINGS",
    "PairStatus",
    "Pairs",
    "SeriesFileError",
    "SeriesOptions",
    "StationSeries",
    "Transect",
    "Validation",
    "at_stations",
    "collocate_time",
    "formatted_scores",
    "from_dataset",
    "latex_table",
    "markdown_table",
    "median_over_stations",
    "nearest_pixels",
    "pair_stations",
    "read_series",
    "scores_by",
    "transect",
    "validate",
    "validation_report",
    "write_table",
    "write_validation",
]
