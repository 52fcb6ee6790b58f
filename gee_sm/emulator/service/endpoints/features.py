"""``table:computeFeatures`` and ``:listFeatures``: tables, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.asset_names import asset_id_of
from gee_sm.emulator.service.asset_query import matcher
from gee_sm.emulator.service.expression import collection_of, guarded
from gee_sm.emulator.service.feature_json import geojson_feature
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.paging import PAGED_COMPUTATION, page
from gee_sm.emulator.service.routes import endpoint

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator


@endpoint(
    "projects.table.computeFeatures",
    "POST",
    "v1/{project=projects/*}/table:computeFeatures",
    computes=True,
)
def compute_features(emulator: Emulator, request: Request, project: str) -> Response:
    """Answer a page of a computed table."""
    document = request.json(known=PAGED_COMPUTATION)
    return emulator.recent.use(
        document.get("expression"),
        emulator.catalog.generation,
        lambda: collection_of(emulator, document, of_images=False),
        lambda table: _answer(emulator, table, document.get("pageSize"), document.get("pageToken")),
    )


@endpoint(
    "projects.assets.listFeatures",
    "GET",
    "v1/{asset=projects/*/assets/**}:listFeatures",
    query=("pageSize:integer", "pageToken", "region", "filter"),
    computes=True,
)
def list_features(emulator: Emulator, request: Request, asset: str) -> Response:
    """Answer a page of a stored table."""
    asset_id = asset_id_of(asset)
    if emulator.catalog.kind(asset_id) != "TABLE":
        raise EarthEngineError(
            f"Asset '{asset_id:.200}' is not a table, or does not exist.",
            code=404,
            status="NOT_FOUND",
        )
    wanted = matcher(request.query.get("filter"), request.query.get("region"))
    table = (f for f in emulator.catalog.table(asset_id) if wanted(f.properties, f.geometry))
    return _answer(emulator, table, request.query.get("pageSize"), request.query.get("pageToken"))


def _answer(emulator: Emulator, features: Iterable[Any], size: Any, token: Any) -> Response:
    found, following = guarded(lambda: page(features, size, token, emulator.limits))
    answer: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": guarded(lambda: [geojson_feature(feature) for feature in found]),
    }
    if following is not None:
        answer["nextPageToken"] = following
    return json_response(answer)
