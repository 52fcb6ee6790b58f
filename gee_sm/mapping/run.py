"""From a request to maps on disk, or to exports on their way."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import ee
import pandas as pd

import gee_sm
from gee_sm.connection import connect, sample_catalog
from gee_sm.mapping.comparison import (
    StationComparison,
    TruthComparison,
    compare_stations,
    compare_truth,
    read_stations,
)
from gee_sm.mapping.exporting import start_exports, watch_exports
from gee_sm.mapping.geotiff import write_text
from gee_sm.mapping.layers import PulledMap, pull_map
from gee_sm.mapping.output_grid import OutputGrid, grid_for
from gee_sm.mapping.quick_look import draw_map
from gee_sm.mapping.report import write_report
from gee_sm.mapping.request import (
    MapRequest,
    RequestError,
    catalog_defaults,
    make_request,
    read_config,
)
from gee_sm.mapping.scene_list import NoScenesError, SceneList, list_scenes
from gee_sm.mapping.stac_item import write_item
from gee_sm.retrieval.product import Seasons, seasons, soil_moisture_image
from gee_sm.retrieval.recipes import RECIPES, Recipe, named_recipe
from gee_sm.retrieval.soil_moisture import coefficients_for

_PASS = {"A": "ascending", "D": "descending"}


@dataclass(frozen=True)
class MapResult:
    """What a run made.

    Attributes
    ----------
    maps : list of Path
        The soil-moisture files.
    report : Path or None
        ``report.json``; None for exports.
    entries : list of dict
        What the report says of each map.
    exports : dict
        Last status of each export by name.
    """

    maps: list[Path] = field(default_factory=list)
    report: Path | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)
    exports: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Job:
    """One map to make."""

    name: str
    title: str
    year: int
    orbit: str
    spans: Seasons
    period: dict[str, Any]
    scenes: SceneList


def map(
    *,
    emulator: str | os.PathLike[str] | bool | None = None,
    project: str | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: bool = True,
    **options: Any,
) -> MapResult:
    """Make soil-moisture maps.

    Parameters
    ----------
    emulator : path-like or bool, optional
        Folder of a catalog to work on locally; True for the sample region.
    project : str, optional
        Google Cloud project to work on Earth Engine with.
    config : path-like, optional
        TOML file of options; those given here go before.
    progress : bool
        Whether to show progress bars.
    **options
        Fields of :class:`~gee_sm.mapping.request.MapRequest`: ``region``, ``years``, ``out``,
        ``orbit``, ``recipe``, ``scale``, ``period`` ... A catalog's own region and years are the
        defaults.

    Returns
    -------
    MapResult
        Paths of the maps and what the report says, or the exports' states.

    Raises
    ------
    RequestError
        If the request cannot be met as it stands.
    NoScenesError
        If Sentinel-1 has nothing, or not enough, for it.
    EarthEngineCallError
        If Earth Engine cannot answer.
    MapWriteError
        If a file cannot be written.

    Examples
    --------
    >>> import gee_sm
    >>> result = gee_sm.map(emulator="sample", orbit="A", out="maps")  # doctest: +SKIP
    """
    from_file = read_config(Path(config)) if config is not None else {}
    if emulator is None and project is None:
        emulator, project = from_file.get("emulator"), from_file.get("project")
    if project is not None and emulator not in (None, False):
        raise RequestError(
            f"--project {project} computes on Earth Engine, --emulator {emulator} on this machine: "
            "give one of the two"
        )
    unknown = set(options) - set(MapRequest.__dataclass_fields__)
    if unknown:
        raise RequestError(
            f"there is no option {sorted(unknown)}; known are "
            f"{sorted(MapRequest.__dataclass_fields__)}"
        )
    catalog = None
    if emulator is not None and emulator is not False:
        catalog = sample_catalog() if emulator is True else Path(emulator)
    defaults = catalog_defaults(catalog) if catalog is not None else {}
    request = make_request(defaults, from_file, options)
    recipe = named_recipe(request.recipe)
    try:
        grid = grid_for(request.region, scale=request.scale, crs=request.crs)
    except ValueError as error:
        raise RequestError(str(error)) from error
    connection = connect(project, emulator=catalog)
    jobs = list(_jobs(request, recipe))
    if request.to != "local":
        return _export(request, recipe, grid, jobs, progress=progress)
    run = _Run(request, recipe, grid, catalog, progress)
    return run.make(jobs, engine=_engine(connection.project, catalog))


def _engine(project: str, catalog: Path | None) -> str:
    """Say for people what computed a map."""
    if catalog is None:
        return f"Google Earth Engine, project {project}"
    return f"emulator of gee-sm, catalog {catalog.name}"


def _jobs(request: MapRequest, recipe: Recipe) -> Iterator[_Job]:
    """Yield the maps a request asks for, each with its scenes."""
    for year in request.years:
        for orbit in request.orbits:
            season = seasons(year=year, recipe=recipe)
            scenes = list_scenes(request.region, season, orbit, recipe)
            if request.period == "season":
                yield _job(f"SM_{year}_{orbit}", str(year), year, orbit, season, {}, scenes)
            elif request.period == "month":
                for month in recipe.thaw_months:
                    yield from _month(request, recipe, year, month, orbit, scenes)
            else:
                for day in scenes.dates:
                    period = {"period": "pass", "date": day}
                    spans = seasons(year=year, recipe=recipe, **period)
                    name = f"SM_{day.replace('-', '')}_{orbit}"
                    yield _job(name, day, year, orbit, spans, period, _within(scenes, spans))


def _month(
    request: MapRequest, recipe: Recipe, year: int, month: int, orbit: str, scenes: SceneList
) -> Iterator[_Job]:
    period = {"period": "month", "month": month}
    spans = seasons(year=year, recipe=recipe, **period)
    found = _within(scenes, spans)
    if not found.thaw:
        raise NoScenesError(
            f"no {_PASS[orbit]} scene of {calendar.month_name[month]} {year} covers the region; "
            "use --period season"
        )
    name = f"SM_{year}_{month:02d}_{orbit}"
    yield _job(name, f"{calendar.month_name[month]} {year}", year, orbit, spans, period, found)


def _within(scenes: SceneList, spans: Seasons) -> SceneList:
    kept = tuple(
        scene
        for scene in scenes.thaw
        if spans.thaw_start <= dt.date.fromisoformat(scene["date"]) < spans.thaw_end
    )
    return SceneList(kept, scenes.freeze)


def _job(
    name: str,
    when: str,
    year: int,
    orbit: str,
    spans: Seasons,
    period: dict[str, Any],
    scenes: SceneList,
) -> _Job:
    title = f"Soil moisture, thawing season {when}" if not period else f"Soil moisture, {when}"
    return _Job(name, f"{title}, {_PASS[orbit]} passes", year, orbit, spans, period, scenes)


def _image(request: MapRequest, recipe: Recipe, job: _Job) -> ee.Image:
    """Return the Earth Engine image of one map."""
    return soil_moisture_image(
        region=ee.Geometry.Rectangle(list(request.region), None, False),
        year=job.year,
        orbit=job.orbit,
        recipe=recipe,
        scale_m=request.scale,
        coefficients=request.retrieval_coefficients(job.orbit),
        relative_orbits=job.scenes.relative_orbits if recipe.difference == "per_orbit" else None,
        **job.period,
    )


def _export(
    request: MapRequest, recipe: Recipe, grid: OutputGrid, jobs: list[_Job], *, progress: bool
) -> MapResult:
    region = ee.Geometry.Rectangle(list(request.region), None, False)
    tasks = [
        task
        for job in jobs
        for task in start_exports(
            _image(request, recipe, job),
            grid,
            job.name,
            to=request.to,
            destination=request.destination,
            region=region,
        )
    ]
    listing = {task.name: task.id for task in tasks}
    write_text(request.out / "exports.json", json.dumps(listing, indent=1) + "\n")
    return MapResult(exports=watch_exports(tasks, progress=progress))


@dataclass(frozen=True)
class _Run:
    """The maps of one request, made here."""

    request: MapRequest
    recipe: Recipe
    grid: OutputGrid
    catalog: Path | None
    progress: bool

    def make(self, jobs: list[_Job], *, engine: str) -> MapResult:
        """Make all maps and their report."""
        stations = read_stations(self.request.stations) if self.request.stations else None
        entries = [self._map(job, stations, engine) for job in jobs]
        report: dict[str, Any] = {
            "version": gee_sm.__version__,
            "engine": engine,
            "client": f"earthengine-api {ee.__version__}",
            "python": platform.python_version(),
            "request": {k: v for k, v in asdict(self.request).items() if k != "stations"},
            "maps": entries,
        }
        # The first map's scores stand at the top, where a script looks for them.
        first = entries[0]["recipes"][self.recipe.name]
        report.update({kind: first[kind] for kind in ("truth", "stations") if first.get(kind)})
        machine, _ = write_report(self.request.out, report)
        maps = [self.request.out / entry["files"]["soil_moisture"] for entry in entries]
        return MapResult(maps, machine, entries)

    def _map(self, job: _Job, stations: pd.DataFrame | None, engine: str) -> dict[str, Any]:
        out = self.request.out
        pulled = self._pull(job, self.recipe, out, engine)
        found = {self.recipe.name: self._compare(job, pulled, stations)}
        truth = found[self.recipe.name][1]
        picture = draw_map(
            pulled.paths,
            self.grid,
            out / f"{job.name}.png",
            title=f"{job.title} ({self.recipe.name}, {self.grid.scale:g} m)",
            truth=None if truth is None else truth.truth,
            scores=None if truth is None else truth.scores,
        )
        measured = found[self.recipe.name][0]
        files = {**{k: path.name for k, path in pulled.paths.items()}, "quick_look": picture.name}
        if measured is not None:
            table = out / f"{job.name}_stations.csv"
            write_text(table, measured.table.to_csv(index=False, float_format="%.5f"))
            files["stations"] = table.name
        if self.request.compare and (stations is not None or truth is not None):
            for name, recipe in RECIPES.items():
                if name != self.recipe.name:
                    other = self._pull(job, recipe, out / f"recipe_{name}", engine)
                    found[name] = self._compare(job, other, stations)
        write_item(
            out,
            job.name,
            self.grid,
            {**pulled.paths, "quick_look": picture},
            start=job.spans.thaw_start,
            end=job.spans.thaw_end,
            properties={
                "processing:software": {"gee-sm": gee_sm.__version__},
                "sat:orbit_state": _PASS[job.orbit],
                "gee_sm:recipe": self.recipe.name,
                "gee_sm:scenes": job.scenes.counts(),
            },
        )
        return {
            "name": job.name,
            "title": job.title,
            "year": job.year,
            "orbit": job.orbit,
            "dates": list(job.scenes.dates),
            "scenes": job.scenes.counts(),
            "files": files,
            "valid_fraction": pulled.valid_fraction,
            "mean_counts": pulled.mean_counts,
            "recipes": {
                name: {
                    "truth": None if known is None else known.scores,
                    "stations": None if places is None else places.scores,
                }
                for name, (places, known) in found.items()
            },
        }

    def _pull(self, job: _Job, recipe: Recipe, folder: Path, engine: str) -> PulledMap:
        return pull_map(
            _image(self.request, recipe, job),
            self.grid,
            folder,
            job.name,
            tags=self._tags(job, recipe, engine),
            progress=self.progress,
        )

    def _compare(
        self, job: _Job, pulled: PulledMap, stations: pd.DataFrame | None
    ) -> tuple[StationComparison | None, TruthComparison | None]:
        path, dates = pulled.paths["soil_moisture"], job.scenes.dates
        measured = None if stations is None else compare_stations(path, stations, dates)
        known = None
        if self.catalog is not None:
            known = compare_truth(
                self.catalog, path, self.grid, year=job.year, orbit=job.orbit, dates=dates
            )
        return measured, known

    def _tags(self, job: _Job, recipe: Recipe, engine: str) -> dict[str, str]:
        """Return what every file says about how it was made."""
        numbers = coefficients_for(job.orbit, self.request.retrieval_coefficients(job.orbit))
        return {
            "TITLE": job.title,
            "RECIPE": recipe.name,
            "RECIPE_CHOICES": json.dumps(asdict(recipe), default=str),
            "COEFFICIENTS": json.dumps([float(value) for value in numbers.values]),
            "COEFFICIENTS_SOURCE": numbers.source,
            "THAW": f"{job.spans.thaw_start}/{job.spans.thaw_end}",
            "FREEZE": f"{job.spans.freeze_start}/{job.spans.freeze_end}",
            "PASS_DATES": ",".join(job.scenes.dates),
            "SCENES": json.dumps(job.scenes.counts()),
            "ENGINE": engine,
            "SOFTWARE": f"gee-sm {gee_sm.__version__}, earthengine-api {ee.__version__}",
        }
