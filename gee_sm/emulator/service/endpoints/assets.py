"""Assets: get, list, create, change, copy, move, delete, and who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.service.asset_copy import copy_asset
from gee_sm.emulator.service.asset_json import asset_json
from gee_sm.emulator.service.asset_names import asset_id_of, check_asset_id
from gee_sm.emulator.service.asset_query import matcher
from gee_sm.emulator.service.asset_store import is_root, not_found
from gee_sm.emulator.service.destinations import AssetDestination
from gee_sm.emulator.service.manifest import milliseconds
from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.paging import page
from gee_sm.emulator.service.routes import endpoint
from gee_sm.emulator.values.image import Image

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

_LIST_QUERY = ("pageSize:integer", "pageToken", "filter", "view")
_ASSET = "projects/*/assets/**"
_POLICY = {"bindings": [{"role": "roles/owner", "members": ["user:emulator@localhost"]}]}
_TIMES = {
    "startTime": "system:time_start",
    "start_time": "system:time_start",
    "endTime": "system:time_end",
    "end_time": "system:time_end",
}
_QUOTA = {"maxAssets": "10000", "maxSizeBytes": str(250 * 2**30)}


@endpoint("projects.assets.get", "GET", f"v1/{{name={_ASSET}}}")
def get(emulator: Emulator, request: Request, name: str) -> Response:
    """Answer the description of an asset; a root folder has a quota."""
    asset_id = asset_id_of(name)
    if asset_id and is_root(asset_id) and emulator.catalog.kind(asset_id) is None:
        count = emulator.catalog.made.count_below(asset_id)
        return json_response(
            {
                "type": "FOLDER",
                "name": name.rstrip("/"),
                "id": asset_id,
                "quota": {**_QUOTA, "assetCount": str(count), "sizeBytes": "0"},
            }
        )
    return json_response(asset_json(emulator, asset_id))


@endpoint("projects.listAssets", "GET", "v1/{parent=projects/*}:listAssets", query=_LIST_QUERY)
def list_root(emulator: Emulator, request: Request, parent: str) -> Response:
    """Answer a page of what lies at the top of a project."""
    public = parent == "projects/earthengine-public"
    return _list(emulator, request, "" if public else f"{parent}/assets")


@endpoint(
    "projects.assets.listAssets", "GET", f"v1/{{parent={_ASSET}}}:listAssets", query=_LIST_QUERY
)
def list_assets(emulator: Emulator, request: Request, parent: str) -> Response:
    """Answer a page of what lies in a folder or collection."""
    asset_id = asset_id_of(parent)
    kind = emulator.catalog.kind(asset_id)
    if kind is None and not is_root(asset_id):
        raise not_found(asset_id)
    if kind in ("IMAGE", "TABLE", "CLASSIFIER"):
        raise EarthEngineError(f"Asset '{asset_id}' is no folder and no collection.")
    return _list(emulator, request, asset_id)


def _list(emulator: Emulator, request: Request, asset_id: str) -> Response:
    wanted = matcher(request.query.get("filter"))
    filtered = bool(request.query.get("filter"))

    def passes(child: str) -> bool:
        if not filtered:
            return True
        properties, geometry = _described(emulator, child)
        return wanted(properties, geometry)

    basic = request.query.get("view") == "BASIC"
    children = (child for child in emulator.catalog.children(asset_id) if passes(child))
    found, following = page(
        children, request.query.get("pageSize"), request.query.get("pageToken"), emulator.limits
    )
    assets = [asset_json(emulator, child, basic=basic) for child in found]
    answer: dict[str, Any] = {"assets": assets} if assets else {}
    if following is not None:
        answer["nextPageToken"] = following
    return json_response(answer)


def _described(emulator: Emulator, asset_id: str) -> tuple[dict[str, Any], Any]:
    """Return the properties that a filter may ask for, and the geometry."""
    kind = emulator.catalog.kind(asset_id) or ""
    known = {"type": kind, "id": asset_id, "name": asset_id}
    if kind == "IMAGE":
        image: Image = emulator.catalog.image(asset_id)
        return {**image.properties, **known}, image.footprint
    record = emulator.catalog.made.record(asset_id) or {"properties": {}}
    return {**record["properties"], **known}, None


@endpoint("projects.assets.create", "POST", "v1/{parent=projects/*}/assets", query=("assetId",))
def create(emulator: Emulator, request: Request, parent: str) -> Response:
    """Create a folder or an image collection."""
    asset_id = request.query.get("assetId", "").strip("/")
    if not asset_id:
        raise EarthEngineError("Invalid request: 'assetId' is required.")
    document = request.json()
    properties = _properties(document)
    full = check_asset_id(asset_id_of(f"{parent}/assets/{asset_id}"))
    if emulator.catalog.kind(full) is not None:
        raise EarthEngineError(f"Cannot overwrite asset '{full}'.", status="ALREADY_EXISTS")
    emulator.catalog.made.make_container(full, document.get("type"), properties)
    return json_response(asset_json(emulator, full))


@endpoint("projects.assets.patch", "PATCH", f"v1/{{name={_ASSET}}}", query=("updateMask",))
def patch(emulator: Emulator, request: Request, name: str) -> Response:
    """Change the properties and times of an asset.

    Paths of the mask are ``properties`` (all are replaced), ``properties.NAME`` (one is set, or
    removed when the asset object leaves it out), ``start_time`` and ``end_time``.
    """
    asset_id = asset_id_of(name)
    document = request.json()
    asset = document.get("asset", document)
    mask = document.get("updateMask", request.query.get("updateMask", ""))
    paths = mask.get("paths", []) if isinstance(mask, dict) else str(mask).split(",")
    if not isinstance(asset, dict) or not isinstance(paths, list):
        raise EarthEngineError("Invalid request: expected {asset, updateMask: {paths}}.")
    record = emulator.catalog.made.record(asset_id)
    if record is None:
        raise not_found(asset_id)
    given = {**_properties(asset), **_times(asset)}
    properties = dict(record["properties"])
    for path in [str(p) for p in paths if p] or ["properties"]:
        if path == "properties":
            kept = {k: v for k, v in properties.items() if k in _TIMES.values()}
            properties = {**kept, **given}
            continue
        key = _TIMES.get(path) or path.removeprefix("properties.").strip('"')
        if path not in _TIMES and not path.startswith("properties."):
            raise EarthEngineError(f"Cannot update '{path:.80}' of an asset.")
        if given.get(key) is None:
            properties.pop(key, None)
        else:
            properties[key] = given[key]
    emulator.catalog.made.update(asset_id, {"properties": properties})
    return json_response(asset_json(emulator, asset_id))


@endpoint("projects.assets.delete", "DELETE", f"v1/{{name={_ASSET}}}")
def delete(emulator: Emulator, request: Request, name: str) -> Response:
    """Delete an asset that was made through the service."""
    emulator.catalog.made.delete(_own(emulator, asset_id_of(name)))
    return json_response({})


@endpoint("projects.assets.copy", "POST", f"v1/{{sourceName={_ASSET}}}:copy")
def copy(emulator: Emulator, request: Request, sourceName: str) -> Response:
    """Copy an asset; one of the catalog, which nobody may change, can be copied all the same."""
    document = request.json()
    destination = AssetDestination(_destination(document), bool(document.get("overwrite")))
    copy_asset(emulator, asset_id_of(sourceName), destination)
    return json_response(asset_json(emulator, destination.asset_id))


@endpoint("projects.assets.move", "POST", f"v1/{{sourceName={_ASSET}}}:move")
def move(emulator: Emulator, request: Request, sourceName: str) -> Response:
    """Give an asset another id."""
    destination = _destination(request.json())
    emulator.catalog.made.move(_own(emulator, asset_id_of(sourceName)), destination)
    return json_response(asset_json(emulator, destination))


@endpoint("projects.assets.getIamPolicy", "POST", f"v1/{{resource={_ASSET}}}:getIamPolicy")
def get_policy(emulator: Emulator, request: Request, resource: str) -> Response:
    """Answer who may see an asset: whoever reaches the emulator owns everything."""
    _existing(emulator, asset_id_of(resource))
    return json_response(_POLICY)


@endpoint("projects.assets.setIamPolicy", "POST", f"v1/{{resource={_ASSET}}}:setIamPolicy")
def set_policy(emulator: Emulator, request: Request, resource: str) -> Response:
    """Refuse to share: there is nobody to share with."""
    _existing(emulator, asset_id_of(resource))
    raise EarthEngineError(
        "The emulator has no users: everybody who reaches it owns every asset.",
        code=400,
        status="FAILED_PRECONDITION",
    )


def _existing(emulator: Emulator, asset_id: str) -> str:
    if emulator.catalog.kind(asset_id) is None:
        raise not_found(asset_id)
    return asset_id


def _own(emulator: Emulator, asset_id: str) -> str:
    """Return an id whose asset was made through the service and so may be changed."""
    _existing(emulator, asset_id)
    if emulator.catalog.made.record(asset_id) is None:
        raise EarthEngineError(
            f"Asset '{asset_id}' does not exist or doesn't allow this operation.",
            code=403,
            status="PERMISSION_DENIED",
        )
    return asset_id


def _destination(document: dict[str, Any]) -> str:
    name = document.get("destinationName")
    if not isinstance(name, str):
        raise EarthEngineError("Invalid request: 'destinationName' is required.")
    return check_asset_id(asset_id_of(name))


def _times(asset: dict[str, Any]) -> dict[str, int]:
    """Return the times of an asset object as properties in milliseconds."""
    found = {}
    for field, name in _TIMES.items():
        if field in asset:
            found[name] = milliseconds(asset[field])
    return found


def _properties(document: dict[str, Any]) -> dict[str, Any]:
    properties = document.get("properties") or {}
    if not isinstance(properties, dict):
        raise EarthEngineError("Invalid request: 'properties' is an object.")
    return properties
