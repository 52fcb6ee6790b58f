"""Soil-moisture maps: from a request to files that say how good they are.

A request (region, years, pass, recipe) becomes one Earth Engine image, the image becomes tiles,
the tiles become Cloud-Optimized GeoTIFFs, and these are compared with stations and, in the sample
region, with the truth. Pixels come either straight from Earth Engine or by its batch exports.
"""

from __future__ import annotations

from gee_sm.mapping.request import MapRequest, RequestError
from gee_sm.mapping.run import MapResult, map
from gee_sm.mapping.scene_list import NoScenesError

__all__ = ["MapRequest", "MapResult", "NoScenesError", "RequestError", "map"]
