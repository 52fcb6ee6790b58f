"""The scenes a map rests on: asked once, before any pixel, to say early what is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import ee

from gee_sm.client_calls import fetch_value
from gee_sm.retrieval.product import Seasons
from gee_sm.retrieval.recipes import Recipe
from gee_sm.retrieval.scene_summary import scene_summary

_PASS = {"A": "ascending", "D": "descending"}


class NoScenesError(RuntimeError):
    """Sentinel-1 has nothing, or not enough, for what was asked."""


@dataclass(frozen=True)
class SceneList:
    """The scenes of one map, by season and relative orbit."""

    thaw: tuple[dict[str, Any], ...]
    freeze: tuple[dict[str, Any], ...]

    @property
    def relative_orbits(self) -> tuple[int, ...]:
        """Relative orbits that occur in both seasons."""
        both = {s["relative_orbit"] for s in self.thaw} & {s["relative_orbit"] for s in self.freeze}
        return tuple(sorted(int(number) for number in both))

    @property
    def dates(self) -> tuple[str, ...]:
        """Days of the thawing season's passes, in UTC."""
        return tuple(sorted({scene["date"] for scene in self.thaw}))

    def counts(self) -> dict[str, dict[str, int]]:
        """Return scenes per relative orbit in each season."""
        return {
            season: {
                str(k): n for k, n in sorted(Counter(s["relative_orbit"] for s in found).items())
            }
            for season, found in (("thaw", self.thaw), ("freeze", self.freeze))
        }


def list_scenes(
    region: tuple[float, float, float, float], spans: Seasons, orbit: str, recipe: Recipe
) -> SceneList:
    """Ask which scenes there are, and refuse what cannot be mapped.

    Raises
    ------
    NoScenesError
        If the region has no scenes at all, the pass does not cover it, a season is empty, or no
        relative orbit has both; the message says what there is instead.
    """
    area = ee.Geometry.Rectangle(list(region), None, False)
    found = fetch_value(scene_summary(region=area, seasons=spans, recipe=recipe))
    # an empty collection of images has no list of features
    entries = [feature["properties"] for feature in found.get("features", [])]
    where = "region {:g},{:g},{:g},{:g}".format(*region)
    when = f"{spans.thaw_start} to {spans.thaw_end} and {spans.freeze_start} to {spans.freeze_end}"
    if not entries:
        raise NoScenesError(
            f"{where} has no Sentinel-1 scene ({when}): check the region (west,south,east,north in "
            "degrees) and the years"
        )
    mine = [entry for entry in entries if entry["orbit"] == orbit]
    if not mine:
        other = "D" if orbit == "A" else "A"
        raise NoScenesError(
            f"no {_PASS[orbit]} pass covers {where} ({when}); there are {len(entries)} "
            f"{_PASS[other]} scenes: use --orbit {other}"
        )
    listed = SceneList(
        tuple(entry for entry in mine if entry["season"] == "thaw"),
        tuple(entry for entry in mine if entry["season"] == "freeze"),
    )
    for name, scenes, start, end in (
        ("thawing", listed.thaw, spans.thaw_start, spans.thaw_end),
        ("freezing", listed.freeze, spans.freeze_start, spans.freeze_end),
    ):
        if not scenes:
            raise NoScenesError(
                f"no {_PASS[orbit]} scene of the {name} season ({start} to {end}) covers {where}; "
                "the retrieval needs summer minus winter: choose another year or pass"
            )
    if recipe.difference == "per_orbit" and not listed.relative_orbits:
        raise NoScenesError(
            f"no relative orbit has scenes of both seasons over {where}: {listed.counts()}; the "
            "recipe compares each orbit with itself: choose another year, or --recipe li2025"
        )
    return listed
