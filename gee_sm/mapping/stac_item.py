"""A STAC item beside each map, so that catalogs and tile servers find it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyproj
import pystac
import shapely.geometry

from gee_sm.mapping.geotiff import write_text
from gee_sm.mapping.output_grid import OutputGrid

_PROJECTION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
_PROCESSING = "https://stac-extensions.github.io/processing/v1.2.0/schema.json"


def write_item(
    folder: Path,
    name: str,
    grid: OutputGrid,
    assets: Mapping[str, Path],
    *,
    start: dt.date,
    end: dt.date,
    properties: Mapping[str, Any],
) -> Path:
    """Write the item of a map.

    Parameters
    ----------
    folder : Path
        Folder of the map.
    name : str
        Name of the map; the item is ``name.json``.
    grid : OutputGrid
        Pixels of the map.
    assets : mapping
        Files by layer.
    start, end : datetime.date
        First day, and the day after the last.
    properties : mapping
        What else is worth knowing: recipe, orbit, scenes.

    Returns
    -------
    Path
        The item.
    """
    to_degrees = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    bounds = to_degrees.transform_bounds(*grid.bounds, densify_pts=21)
    first = dt.datetime.combine(start, dt.time(), dt.UTC)
    last = dt.datetime.combine(end, dt.time(), dt.UTC) - dt.timedelta(seconds=1)
    item = pystac.Item(
        id=name,
        geometry=shapely.geometry.mapping(shapely.geometry.box(*bounds)),
        bbox=list(bounds),
        datetime=None,
        start_datetime=first,
        end_datetime=last,
        properties={
            "proj:code": grid.crs,
            "proj:shape": list(grid.shape),
            "proj:transform": list(grid.transform)[:6],
            **properties,
        },
        stac_extensions=[_PROJECTION, _PROCESSING],
    )
    for key, path in assets.items():
        kind = pystac.MediaType.PNG if path.suffix == ".png" else pystac.MediaType.COG
        roles = ["overview"] if path.suffix == ".png" else ["data"]
        item.add_asset(key, pystac.Asset(href=f"./{path.name}", media_type=kind, roles=roles))
    target = folder / f"{name}.json"
    write_text(target, json.dumps(item.to_dict(include_self_link=False), indent=1) + "\n")
    return target
