"""Recipes: every choice the chain leaves open, under a name.

``li2025`` is the paper to the letter. ``robust`` changes the four things in it that bias or blur
the result; docs/sentinel1-chain.md says why. Anything else is one
``dataclasses.replace(ROBUST, ...)`` away.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from gee_sm.catalog import dataset
from gee_sm.catalog import land_cover as classes
from gee_sm.catalog.land_cover import WORLDCOVER_2021
from gee_sm.catalog.sentinel1 import S1_GRD_FLOAT
from gee_sm.catalog.terrain import SRTM
from gee_sm.retrieval.masks import LAND_COVER_STATUS, LI2025_CLASSES, WATER_NDWI
from gee_sm.retrieval.standard_error import (
    ERROR_PARTS,
    RESOLUTION_CELL_M2,
    ErrorPart,
    check_error_parts,
)
from gee_sm.sentinel1.collection import FREEZE_MONTHS, THAW_MONTHS, season_dates
from gee_sm.sentinel1.incidence_angle import REFERENCE_ANGLE, SLOPES
from gee_sm.sentinel1.refined_lee import FILTER_WIDTH, NOMINAL_LOOKS
from gee_sm.sentinel1.slope_correction import Model
from gee_sm.sentinel1.threshold_mask import LOWER_DB, UPPER_DB
from gee_sm.sentinel2.cloud_mask import CLEAR_SCORE, CloudMask
from gee_sm.sentinel2.window import WINDOW_DAYS

Domain = Literal["power", "db"]
Grouping = Literal["per_orbit", "all_orbits"]
Threshold = Literal["before_filter", "after_filter", "none"]


class RecipeError(ValueError):
    """A recipe that does not exist, or whose choices contradict each other."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Every choice of the retrieval chain.

    Attributes
    ----------
    name : str
        What the report calls it.
    threshold : {"before_filter", "after_filter", "none"}
        When backscatter outside ``lower_db`` to ``upper_db`` is masked.
    lower_db, upper_db : float
        Limits, dB.
    speckle_filter : bool
        Whether the refined Lee filter is applied.
    filter_looks : float or None
        Looks of its noise model; None estimates the noise in each window.
    angle_slope_ascending, angle_slope_descending : float or None
        dB per degree by pass; None leaves the incidence angle alone.
    reference_angle : float
        Degrees.
    slope_model : {"volume", "surface", "none"}
        Terrain flattening. Layover and shadow are masked with any of them.
    layover_buffer_m : float
        Margin around layover and shadow, metres.
    pin_scale_m : float or None
        Pixel size on which a scene is processed, in its own projection, before it is averaged to
        the output; None works on output pixels, as an Earth Engine script does that only sets the
        scale of its export.
    aggregate_in : {"power", "db"}
        Domain of that average.
    min_valid_fraction : float
        Share of an output pixel that must be valid.
    difference : {"per_orbit", "all_orbits"}
        Whether summer and winter are compared within each relative orbit or all together.
    thaw_months, freeze_months : tuple of int
        The two seasons.
    optical_window_days : float
        Half width of the window around a pass.
    optical_fallback_days : float or None
        Where no view around a pass is clear, its indices come from a composite of the whole period
        and so many days on either side; None drops the pass there.
    cloud_mask : {"cloud_score_plus", "scl", "none"}
        See :func:`gee_sm.sentinel2.cloud_mask.clear_view`.
    clear_score : float
        Smallest Cloud Score+ of a clear view.
    toa_fallback : bool or None
        Whether top-of-atmosphere scenes stand in where surface reflectance is missing; None does
        so up to 2018.
    water_ndwi : float or None
        Water above this index; None does not test it.
    excluded_classes : tuple of int
        WorldCover classes that are left out.
    mask_negative_difference : bool
        Whether pixels darker in summer than in winter are left out.
    backscatter_id, elevation_id : str
        Data sets.
    land_cover_id : str or None
        Land-cover map; None excludes nothing by class.
    error_parts : tuple of {"coefficients", "residual", "speckle"}
        What the standard error counts.
    looks : float
        Equivalent number of looks of an unfiltered pixel, for the standard error.
    filter_width : float
        Pixels by which the filter widens an average, for the standard error.
    cell_area_m2 : float
        Area over which speckle is the same, square metres.

    Raises
    ------
    RecipeError
        If a choice is unknown or out of range.
    """

    name: str
    threshold: Threshold = "after_filter"
    lower_db: float = LOWER_DB
    upper_db: float = UPPER_DB
    speckle_filter: bool = True
    filter_looks: float | None = None
    angle_slope_ascending: float | None = SLOPES["A"]
    angle_slope_descending: float | None = SLOPES["D"]
    reference_angle: float = REFERENCE_ANGLE
    slope_model: Model = "volume"
    layover_buffer_m: float = 0.0
    pin_scale_m: float | None = 10.0
    aggregate_in: Domain = "power"
    min_valid_fraction: float = 0.5
    difference: Grouping = "per_orbit"
    thaw_months: tuple[int, ...] = THAW_MONTHS
    freeze_months: tuple[int, ...] = FREEZE_MONTHS
    optical_window_days: float = WINDOW_DAYS
    optical_fallback_days: float | None = None
    cloud_mask: CloudMask = "cloud_score_plus"
    clear_score: float = CLEAR_SCORE
    toa_fallback: bool | None = None
    water_ndwi: float | None = WATER_NDWI
    excluded_classes: tuple[int, ...] = LI2025_CLASSES
    mask_negative_difference: bool = True
    backscatter_id: str = S1_GRD_FLOAT.id
    elevation_id: str = SRTM.id
    land_cover_id: str | None = WORLDCOVER_2021.id
    error_parts: tuple[ErrorPart, ...] = ERROR_PARTS
    looks: float = NOMINAL_LOOKS
    filter_width: float = FILTER_WIDTH
    cell_area_m2: float = RESOLUTION_CELL_M2

    def __post_init__(self) -> None:
        for name in ("thaw_months", "freeze_months", "excluded_classes", "error_parts"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        self._check_choices()
        self._check_numbers()

    def _check_choices(self) -> None:
        choices = {
            "threshold": get_args(Threshold),
            "slope_model": get_args(Model),
            "aggregate_in": get_args(Domain),
            "difference": get_args(Grouping),
            "cloud_mask": get_args(CloudMask),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise RecipeError(
                    f"recipe {self.name!r}: {name} must be one of {', '.join(allowed)}; "
                    f"got {getattr(self, name)!r}"
                )
        unknown = [value for value in self.excluded_classes if value not in LAND_COVER_STATUS]
        if unknown:
            raise RecipeError(
                f"recipe {self.name!r}: land-cover classes {unknown} cannot be excluded; "
                f"choose among {sorted(LAND_COVER_STATUS)}"
            )
        try:
            check_error_parts(self.error_parts)
            season_dates(2020, self.thaw_months)
            season_dates(2020, self.freeze_months)
            dataset(self.elevation_id)
            if self.land_cover_id is not None:
                dataset(self.land_cover_id)
        except (ValueError, KeyError) as error:
            raise RecipeError(f"recipe {self.name!r}: {error}") from error

    def _check_numbers(self) -> None:
        bad = []
        if not self.lower_db < self.upper_db:
            bad.append(f"lower_db {self.lower_db} must be below upper_db {self.upper_db}")
        if not 0 < self.min_valid_fraction <= 1:
            bad.append(f"min_valid_fraction must lie in (0, 1], got {self.min_valid_fraction}")
        if not 0 <= self.clear_score <= 1:
            bad.append(f"clear_score must lie in [0, 1], got {self.clear_score}")
        positive = ("pin_scale_m", "filter_looks", "looks", "cell_area_m2")
        for name in (*positive, "optical_window_days"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                bad.append(f"{name} must be positive, got {value}")
        bad += [
            f"{name} must not be negative, got {getattr(self, name)}"
            for name in ("layover_buffer_m", "filter_width")
            if getattr(self, name) < 0
        ]
        fallback = self.optical_fallback_days
        if fallback is not None and fallback < self.optical_window_days:
            bad.append(
                f"optical_fallback_days ({fallback}) must reach at least as far as "
                f"optical_window_days ({self.optical_window_days})"
            )
        if bad:
            raise RecipeError(f"recipe {self.name!r}: {'; '.join(bad)}")

    def angle_slope(self, orbit: str) -> float | None:
        """Return the incidence-angle slope of an orbit letter, dB per degree."""
        return self.angle_slope_ascending if orbit == "A" else self.angle_slope_descending

    def to_dict(self) -> dict[str, Any]:
        """Return all choices as plain types that JSON can hold, for tags and reports."""
        found: dict[str, Any] = {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            found[entry.name] = list(value) if isinstance(value, tuple) else value
        return found


LI2025 = Recipe(
    name="li2025",
    threshold="before_filter",
    pin_scale_m=None,
    difference="all_orbits",
)
"""The paper to the letter: threshold before the filter, everything on the pixels of the export,
all orbits of a pass together, its land-cover classes, its window of a week and nothing where that
week is cloudy."""

ROBUST = Recipe(
    name="robust",
    threshold="after_filter",
    slope_model="surface",
    layover_buffer_m=20.0,
    pin_scale_m=10.0,
    aggregate_in="power",
    difference="per_orbit",
    optical_fallback_days=15.0,
    excluded_classes=(*LI2025_CLASSES, classes.SNOW_AND_ICE, classes.WATER),
)
"""Threshold behind the filter, 10 m pixels of the scene's own grid, averages in power, differences
within each relative orbit, indices of the season where the week is cloudy, water and ice masked by
land cover too."""

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (LI2025, ROBUST)}


def named_recipe(name: str | Recipe) -> Recipe:
    """Return a recipe by name; a recipe is returned as it is.

    Raises
    ------
    RecipeError
        If there is no recipe of that name.

    Examples
    --------
    >>> named_recipe("robust").difference
    'per_orbit'
    """
    if isinstance(name, Recipe):
        return name
    if name not in RECIPES:
        raise RecipeError(f"no recipe {name!r}; choose one of {', '.join(RECIPES)}")
    return RECIPES[name]
