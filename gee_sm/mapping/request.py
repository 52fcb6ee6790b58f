"""What is to be mapped: flags over a TOML file over what the catalog says about itself."""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from gee_sm.retrieval.recipes import RecipeError, named_recipe
from local_core.calibration import RetrievalCoefficients

ORBITS = {"A": ("A",), "D": ("D",), "both": ("A", "D")}
PERIODS = ("season", "month", "pass")
DESTINATIONS = ("local", "drive", "gcs", "asset")


class RequestError(ValueError):
    """A request that cannot be met as it stands; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class MapRequest:
    """Everything that decides a map.

    Attributes
    ----------
    region : tuple of float
        West, south, east, north in degrees.
    years : tuple of int
        Years of the thawing season.
    out : Path
        Folder of the maps.
    orbit : {"A", "D", "both"}
        Ascending, descending or both passes, one map each.
    recipe : str
        ``robust`` or ``li2025``.
    scale : float
        Pixel size in metres, 10 to 1000.
    period : {"season", "month", "pass"}
        One map of the thawing season, of each month, or of each pass.
    crs : str or None
        Coordinate system of the maps; the UTM zone of the region when None.
    coefficients : Path or None
        File of ``gee-sm calibrate``; the paper's when None.
    stations : Path or None
        CSV of station records (columns station, longitude, latitude, time, soil_moisture) that
        the maps are compared with; the sample brings its own.
    compare : bool
        Whether the report also shows the other recipe.
    to : {"local", "drive", "gcs", "asset"}
        Pull the maps here, or start Earth Engine batch exports.
    destination : str or None
        Folder of the Drive, bucket, or asset folder of an export.
    """

    region: tuple[float, float, float, float]
    years: tuple[int, ...]
    out: Path
    orbit: str = "both"
    recipe: str = "robust"
    scale: float = 100.0
    period: str = "season"
    crs: str | None = None
    coefficients: Path | None = None
    stations: Path | None = None
    compare: bool = True
    to: str = "local"
    destination: str | None = None

    def __post_init__(self) -> None:
        _check_region(self.region)
        _check_choice("orbit", self.orbit, ORBITS)
        _check_choice("period", self.period, PERIODS)
        _check_choice("to", self.to, DESTINATIONS)
        try:
            named_recipe(self.recipe)
        except RecipeError as error:
            raise RequestError(str(error)) from error
        if not 10 <= self.scale <= 1000:
            raise RequestError(f"scale must be 10 to 1000 metres, got {self.scale}")
        if not self.years:
            raise RequestError("no year is given: use --years 2020 or --years 2019,2020")
        for year in self.years:
            if not 2014 < year < 2100:
                raise RequestError(f"Sentinel-1 begins in October 2014; got the year {year}")
        if self.to in ("gcs", "asset") and not self.destination:
            what = "the bucket" if self.to == "gcs" else "the asset folder"
            raise RequestError(f"--to {self.to} needs --destination, {what}")

    @property
    def orbits(self) -> tuple[str, ...]:
        """The passes to map, as letters."""
        return ORBITS[self.orbit]

    def retrieval_coefficients(self, orbit: str) -> RetrievalCoefficients | None:
        """Return the coefficients of the given file, None for the paper's.

        Raises
        ------
        RequestError
            If the file cannot be read or belongs to the other pass.
        """
        if self.coefficients is None:
            return None
        try:
            found = RetrievalCoefficients.read(self.coefficients)
        except (OSError, ValueError, KeyError) as error:
            raise RequestError(
                f"coefficients in {self.coefficients} cannot be read ({error}); expected the file "
                "that `gee-sm calibrate` writes"
            ) from error
        if found.orbit and not found.orbit.upper().startswith(orbit):
            raise RequestError(
                f"{self.coefficients} holds coefficients of the {found.orbit} pass; the map is of "
                f"pass {orbit}: choose --orbit {found.orbit[:1].upper()}"
            )
        return found


def _check_region(region: Any) -> None:
    if len(region) != 4 or not all(math.isfinite(v) for v in region):
        raise RequestError(
            f"region must be four numbers west,south,east,north in degrees; got {region}"
        )
    west, south, east, north = region
    if west >= east or south >= north:
        upright = (min(west, east), min(south, north), max(west, east), max(south, north))
        raise RequestError(
            f"region {region} is inverted or empty: west must be less than east and south less "
            f"than north; did you mean {upright}?"
        )
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise RequestError(f"region {region} leaves longitude -180..180 or latitude -90..90")


def _check_choice(name: str, value: str, choices: Any) -> None:
    if value not in choices:
        near = difflib.get_close_matches(str(value), list(choices), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RequestError(f"{name} must be one of {sorted(choices)}, got {value!r}{hint}")


def catalog_defaults(catalog: Path) -> dict[str, Any]:
    """Return the region and years that a catalog names as its own.

    Raises
    ------
    RequestError
        If there is no catalog in the folder.
    """
    path = Path(catalog) / "catalog.json"
    try:
        root = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(
            f"there is no catalog.json in {catalog}: write the sample with "
            f"`gee-sm sample {catalog}`, or point --emulator at a catalog"
        ) from None
    except json.JSONDecodeError as error:
        raise RequestError(f"{path} is not JSON ({error}): write the catalog again") from error
    found: dict[str, Any] = {}
    if "gee_sm:region" in root:
        found["region"] = tuple(root["gee_sm:region"])
    if "gee_sm:years" in root:
        found["years"] = tuple(root["gee_sm:years"])
    stations = Path(catalog) / "truth" / "stations.csv"
    if stations.exists():
        found["stations"] = stations
    return found


def read_config(path: Path) -> dict[str, Any]:
    """Read options from the ``[map]`` table of a TOML file, or from its top level.

    Raises
    ------
    RequestError
        If the file cannot be read, or holds an option that does not exist.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError(f"configuration {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise RequestError(f"configuration {path} is not TOML: {error}") from error
    options = dict(document.get("map", document))
    known = [*(field.name for field in fields(MapRequest)), "emulator", "project"]
    for key in options:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            raise RequestError(f"{path}: there is no option '{key}'; {hint}")
    base = Path(path).parent
    for key in ("out", "coefficients", "stations", "emulator"):
        if isinstance(options.get(key), str):
            options[key] = base / options[key]
    for key in ("region", "years"):
        if isinstance(options.get(key), list):
            options[key] = tuple(options[key])
        elif isinstance(options.get(key), int):
            options[key] = (options[key],)
    return options


def make_request(*layers: Mapping[str, Any]) -> MapRequest:
    """Put options together, later ones over earlier ones; None counts as not given.

    Raises
    ------
    RequestError
        If something needed is missing, or a value is not usable.
    """
    options: dict[str, Any] = {}
    names = {field.name for field in fields(MapRequest)}
    for layer in layers:
        options.update({k: v for k, v in layer.items() if v is not None and k in names})
    missing = [name for name in ("region", "years", "out") if name not in options]
    if missing:
        flags = ", ".join(f"--{name}" for name in missing)
        raise RequestError(
            f"{flags} must be given: the catalog names no default (or none was given)"
        )
    options["out"] = Path(options["out"])
    for name in ("coefficients", "stations"):
        if options.get(name) is not None:
            options[name] = Path(options[name])
    return MapRequest(**options)
