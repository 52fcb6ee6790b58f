"""The discovery document and the list of algorithms: what a client reads when it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gee_sm.emulator.service.message import Request, Response, json_response
from gee_sm.emulator.service.routes import Route, endpoint, routes
from gee_sm.emulator.signatures import algorithms_json

if TYPE_CHECKING:
    from gee_sm.emulator.emulator import Emulator

_ANY = {"type": "any"}
_PAGED = {
    "type": "object",
    "properties": {"nextPageToken": {"type": "any"}},
}
_COMMON = {
    "alt": {"type": "string", "location": "query", "default": "json"},
    "fields": {"type": "string", "location": "query"},
    "key": {"type": "string", "location": "query"},
    "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
}


def discovery_document() -> dict[str, Any]:
    """Return the discovery document of the routes there are."""
    resources: dict[str, Any] = {}
    for route in routes():
        *path, method = route.method_id.split(".")
        if path[0] != "projects":
            continue
        node: dict[str, Any] = {"resources": resources}
        for name in path:
            node = node.setdefault("resources", {}).setdefault(name, {})
        node.setdefault("methods", {})[method] = _method(route)
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "earthengine:v1",
        "name": "earthengine",
        "version": "v1",
        "title": "Earth Engine, emulated",
        "protocol": "rest",
        "rootUrl": "https://earthengine.googleapis.com/",
        "servicePath": "",
        "baseUrl": "https://earthengine.googleapis.com/",
        "batchPath": "batch",
        "fullyEncodeReservedExpansion": True,
        "parameters": _COMMON,
        "schemas": {},
        "resources": resources,
    }


def _method(route: Route) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, rule in route.variables:
        parameters[name] = {"type": "string", "location": "path", "required": True}
        if rule:
            parameters[name]["pattern"] = f"^{rule}$"
    for declared in route.query:
        name, _, kind = declared.partition(":")
        parameters[name] = {"type": kind or "string", "location": "query"}
    found = {
        "id": f"earthengine.{route.method_id}",
        "path": route.discovery_path,
        "httpMethod": route.http_method,
        "parameters": parameters,
        "parameterOrder": [name for name, _ in route.variables],
        "response": _PAGED if "pageToken" in route.query else _ANY,
    }
    if route.http_method in ("POST", "PATCH"):
        found["request"] = _ANY
    return found


@endpoint("discovery.rest", "GET", "$discovery/rest")
def rest(emulator: Emulator, request: Request) -> Response:
    """Answer the discovery document."""
    return json_response(discovery_document())


@endpoint("projects.algorithms.list", "GET", "v1/{project=projects/*}/algorithms")
def algorithms(emulator: Emulator, request: Request, project: str) -> Response:
    """Answer the whole official list, so that what is missing is told by name when it is called."""
    return json_response(algorithms_json())
