"""Whatever is sent, the answer is well-formed: a 4xx with a message, or a result."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gee_sm.emulator import Emulator
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.service.routes import routes
from gee_sm.emulator.signatures import signatures

_SLOW = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
POSTS = [
    "value:compute",
    "image:computePixels",
    "table:computeFeatures",
    "imageCollection:computeImages",
    "maps",
    "thumbnails",
    "tables",
    "image:export",
    "table:export",
    "map:export",
    "classifier:export",
    "image:import",
    "table:import",
]


@pytest.fixture(scope="module")
def service(catalog_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with a file beside its folders that nobody may read."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "secret").mkdir()
    (folder / "secret" / "asset.json").write_text('{"type": "SECRET"}')
    logging.getLogger("gee_sm.emulator.service").setLevel(logging.CRITICAL)
    with Emulator(catalog_folder, exports=folder / "exports") as emulator:
        yield emulator
    logging.getLogger("gee_sm.emulator.service").setLevel(logging.NOTSET)


def _check(answer: Any) -> int:
    """Check that an answer is well-formed, and return its status."""
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        error = json.loads(answer.body)["error"]
        assert error["code"] == answer.status
        assert error["message"]
        assert error["status"]
        assert "Traceback" not in error["message"]
    assert b"SECRET" not in answer.body
    return answer.status


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "expression",
                    "values",
                    "result",
                    "0",
                    "grid",
                    "dimensions",
                    "fileFormat",
                    "bandIds",
                ]
            )
            | st.text(max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@_SLOW
@given(
    path=st.sampled_from(POSTS), body=st.binary(max_size=60) | _JSON.map(json.dumps).map(str.encode)
)
@example(path="value:compute", body=b"[" * 100_000)
@example(path="value:compute", body=b'{"expression": ' * 50_000)
@example(path="value:compute", body=b'"text"')
@example(path="value:compute", body=b"\xff\xfe")
@example(path="value:compute", body=b"")
@example(path="image:export", body=b'{"expression": {"result": "0", "values": {"0": {}}}}')
def test_any_body(service: Emulator, path: str, body: bytes) -> None:
    status = _check(service.handle("POST", f"/v1/projects/p/{path}", {}, {}, body))
    assert status >= 400 or b"expression" in body


def _loaded(name: str, argument: str, asset_id: str) -> dict[str, Any]:
    load = {"functionName": name, "arguments": {argument: {"constantValue": asset_id}}}
    return {"result": "0", "values": {"0": {"functionInvocationValue": load}}}


_IMAGE = _loaded("Image.load", "id", "TEST/SINGLE")
_TABLE = _loaded("Collection.loadTable", "tableId", "TEST/POINTS")
_FILES = {"cloudStorageDestination": {"bucket": "bucket", "filenamePrefix": "a/b"}}
_ASSET = {"earthEngineDestination": {"name": "projects/pproject/assets/x", "overwrite": True}}
_SOURCE = {"uris": ["gs://bucket/points.csv"], "charset": "utf-8", "crs": "EPSG:4326"}
BATCH: list[tuple[str, dict[str, Any]]] = [
    (
        "image:export",
        {
            "expression": _IMAGE,
            "description": "x",
            "fileExportOptions": {
                **_FILES,
                "fileFormat": "GEO_TIFF",
                "geoTiffOptions": {
                    "cloudOptimized": True,
                    "tileDimensions": {"width": 256, "height": 256},
                    "noData": {"floatValue": 3},
                    "metadataKeys": ["a"],
                },
            },
            "maxPixels": {"value": "100000"},
        },
    ),
    (
        "image:export",
        {
            "expression": _IMAGE,
            "fileExportOptions": {
                **_FILES,
                "fileFormat": "TF_RECORD_IMAGE",
                "tfRecordOptions": {
                    "tileDimensions": {"width": 8, "height": 8},
                    "marginDimensions": {"width": 2, "height": 2},
                    "maxSizeBytes": {"value": "1000"},
                    "defaultValue": 1,
                    "maxMaskedRatio": {"value": 0.5},
                    "compress": True,
                },
            },
        },
    ),
    (
        "image:export",
        {
            "expression": _IMAGE,
            "assetExportOptions": {
                **_ASSET,
                "pyramidingPolicy": "MODE",
                "pyramidingPolicyOverrides": {"class": "MEAN"},
            },
        },
    ),
    *(
        (
            "table:export",
            {
                "expression": _TABLE,
                "selectors": ["number", "name"],
                "fileExportOptions": {**_FILES, "fileFormat": kind},
            },
        )
        for kind in ("CSV", "SHP", "TF_RECORD_TABLE")
    ),
    ("table:export", {"expression": _TABLE, "assetExportOptions": _ASSET, "selectors": ["name"]}),
    (
        "map:export",
        {
            "expression": _IMAGE,
            "tileOptions": {"startZoom": 1, "endZoom": 3, "skipEmpty": True},
            "tileExportOptions": {**_FILES, "fileFormat": "PNG"},
            "priority": {"value": 3},
            "requestId": "id",
        },
    ),
    ("classifier:export", {"expression": _IMAGE, "assetExportOptions": _ASSET}),
    (
        "image:import",
        {
            "imageManifest": {
                "name": "projects/pproject/assets/y",
                "tilesets": [
                    {"id": "t", "crs": "EPSG:4326", "sources": [{"uris": ["gs://bucket/a.tif"]}]}
                ],
                "bands": [{"id": "b", "tilesetId": "t", "tilesetBandIndex": 0}],
                "maskBands": {"tilesetId": "t"},
                "missingData": {"values": [0]},
                "pyramidingPolicy": "MEAN",
                "startTime": "2020-01-01T00:00:00Z",
                "properties": {"a": 1},
            },
            "overwrite": True,
        },
    ),
    (
        "table:import",
        {
            "tableManifest": {
                "name": "projects/pproject/assets/z",
                "sources": [{**_SOURCE, "xColumn": "lon", "yColumn": "lat", "csvDelimiter": ","}],
            },
            "overwrite": True,
        },
    ),
]


@st.composite
def _bent(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A good request, in which something was replaced or is missing."""
    call, document = draw(st.sampled_from(BATCH))
    document = json.loads(json.dumps(document))
    place: Any = document
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from([k for k in keys if k != "expression"]))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and draw(st.integers(0, 3)):
            place = inner
            continue
        if draw(st.integers(0, 4)) == 0:
            del place[key]
        else:
            place[key] = draw(_JSON)
        return call, document


@settings(_SLOW, max_examples=300)
@given(bent=_bent())
def test_any_options_of_a_task(service: Emulator, bent: tuple[str, dict[str, Any]]) -> None:
    """What is wrong with a request is told as that, at once or by the task."""
    bucket = service.exports / "gcs" / "bucket"
    bucket.mkdir(parents=True, exist_ok=True)
    (bucket / "points.csv").write_text("lon,lat,a\n1,2,3\n")
    if not (bucket / "a.tif").exists():
        profile = {"driver": "GTiff", "width": 4, "height": 4, "count": 2, "dtype": "uint8"}
        with rasterio.open(bucket / "a.tif", "w", **profile, transform=Affine.scale(1, -1)) as file:
            file.write(np.ones((2, 4, 4), np.uint8))
    call, document = bent
    answer = service.handle(
        "POST", f"/v1/projects/pproject/{call}", {}, {}, json.dumps(document).encode()
    )
    if _check(answer) == 200:
        task = service.tasks.get(json.loads(answer.body)["name"])
        assert task.finished.wait(60)
        message = (task.error or {"message": ""})["message"]
        # Neither a fault of the emulator nor one of Python's in place of a message.
        assert not re.search("internal error|(Attribute|Key|Index|Type)Error", message), document


_KEYS = st.sampled_from(["0", "1", "2", "3", "4"])
_NAMES = st.sampled_from(sorted(set(signatures()) & set(implementations())))
_CONSTANTS = st.sampled_from(
    [
        *(None, True, 0, -1, 3, 2.5, 1e300, "", "B1", "TEST/SINGLE", "TEST/IMAGES", "../x"),
        *([], [1, 2], {}, {"a": 1}),
        *({"type": "Point", "coordinates": [1, 2]}, {"type": "Point"}),
    ]
)


@st.composite
def _node(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.integers(0, 9))
    if kind <= 2:
        return {"constantValue": draw(_CONSTANTS)}
    if kind == 3:
        return {"valueReference": draw(_KEYS)}
    if kind == 4:
        return {
            "arrayValue": {
                "values": [{"valueReference": k} for k in draw(st.lists(_KEYS, max_size=3))]
            }
        }
    if kind == 5:
        return {"argumentReference": draw(st.sampled_from(["x", "y"]))}
    if kind == 6:
        return {"functionDefinitionValue": {"argumentNames": ["x"], "body": draw(_KEYS)}}
    if kind == 7:
        return draw(
            st.sampled_from(
                [
                    *({}, {"constantValue": 1, "x": 2}, {"integerValue": "x"}, {"unknown": 1}),
                    *([], None, {"functionInvocationValue": {}}, {"arrayValue": 3}),
                    {"dictionaryValue": []},
                ]
            )
        )
    name = draw(_NAMES)
    arguments = {}
    for argument in signatures()[name].arguments:
        if argument.required or draw(st.booleans()):
            arguments[argument.name] = (
                {"valueReference": draw(_KEYS)}
                if draw(st.booleans())
                else {"constantValue": draw(_CONSTANTS)}
            )
    return {"functionInvocationValue": {"functionName": name, "arguments": arguments}}


@settings(_SLOW, max_examples=400)
@given(nodes=st.lists(_node(), min_size=5, max_size=5), path=st.sampled_from(POSTS[:4]))
def test_any_graph(service: Emulator, nodes: list[dict[str, Any]], path: str) -> None:
    expression = {"result": "0", "values": {str(i): node for i, node in enumerate(nodes)}}
    document = {
        "expression": expression,
        "fileFormat": "NPY",
        "grid": {
            "dimensions": {"width": 2, "height": 2},
            "affineTransform": {"scaleX": 1, "scaleY": -1},
            "crsCode": "EPSG:4326",
        },
    }
    body = json.dumps(document).encode()
    _check(service.handle("POST", f"/v1/projects/p/{path}", {}, {}, body))


def test_every_function_survives_wrong_arguments(service: Emulator) -> None:
    """Each implemented function, given nothing, nulls, and values of every wrong type."""
    broken = []
    for name in sorted(implementations()):
        for value in (None, 1, "text", [1, "a"], {"a": 1}, ["TEST/SINGLE"]):
            constants = {a.name: {"constantValue": value} for a in signatures()[name].arguments}
            for arguments in ({}, constants):
                invocation = {"functionName": name, "arguments": arguments}
                values = {"0": {"functionInvocationValue": invocation}}
                body = json.dumps({"expression": {"result": "0", "values": values}}).encode()
                answer = service.handle("POST", "/v1/projects/p/value:compute", {}, {}, body)
                if answer.status not in (200, 400):
                    broken.append((name, value, answer.body))
    assert not broken


_PATH_PARTS = st.sampled_from(
    [
        *("..", ".", "", "secret", "%2e%2e", "%2F", "assets", "TEST", "SINGLE", "IMAGES", "\x00"),
        *("exports", "asset.json", "catalog.json", "maps", "operations", "p", "v1", "é", "~"),
    ]
)


@_SLOW
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PATCH", "PUT", "HEAD"]),
    prefix=st.sampled_from(
        ["/v1/projects/p/assets/", "/v1/projects/earthengine-public/assets/", "/v1/projects/", "/"]
    ),
    parts=st.lists(_PATH_PARTS, max_size=6),
    verb=st.sampled_from(["", ":listAssets", ":getPixels", ":listFeatures", ":copy", ":x"]),
    query=st.dictionaries(
        st.sampled_from(["pageSize", "pageToken", "filter", "region", "assetId", "updateMask"]),
        st.text(max_size=8)
        | st.sampled_from(["../../x", "1e9", "properties.a=1", "(", "POINT (1 2)"]),
        max_size=3,
    ),
)
def test_any_path(
    service: Emulator, method: str, prefix: str, parts: list[str], verb: str, query: dict[str, str]
) -> None:
    _check(service.handle(method, prefix + "/".join(parts) + verb, query, {}, b""))
    secret = service.exports.parent / "secret" / "asset.json"
    assert secret.read_text() == '{"type": "SECRET"}'


@_SLOW
@given(text=st.text(alphabet="()<>=!:.\"' ANDORTintersecpoyx10{}", max_size=40))
def test_any_filter(service: Emulator, text: str) -> None:
    path = "/v1/projects/earthengine-public/assets/TEST/IMAGES:listAssets"
    _check(service.handle("GET", path, {"filter": text}, {}, b""))


def test_every_route_answers_an_empty_request(service: Emulator) -> None:
    for route in routes():
        path = "/" + route.template
        for variable, rule in route.variables:
            shown = "{" + variable + ("=" if rule else "")
            start = path.index(shown)
            end = path.index("}", start) + 1
            example_path = (path[start:end].partition("=")[2].rstrip("}") or "0").replace(
                "**", "a/b"
            )
            path = path[:start] + example_path.replace("*", "p") + path[end:]
        _check(service.handle(route.http_method, path, {}, {}, b""))


def test_deep_and_cyclic_graphs(service: Emulator) -> None:
    depth = 1_000
    values: dict[str, Any] = {
        str(i): {
            "functionInvocationValue": {
                "functionName": "If",
                "arguments": {
                    "condition": {"constantValue": True},
                    "trueCase": {"valueReference": str(i + 1)},
                },
            }
        }
        for i in range(depth)
    }
    values[str(depth)] = {"constantValue": "bottom"}
    document = {"expression": {"result": "0", "values": values}}
    answer = service.handle(
        "POST", "/v1/projects/p/value:compute", {}, {}, json.dumps(document).encode()
    )
    assert json.loads(answer.body)["result"] == "bottom"
    values[str(depth)] = {"valueReference": "0"}
    answer = service.handle(
        "POST", "/v1/projects/p/value:compute", {}, {}, json.dumps(document).encode()
    )
    assert answer.status == 400
    assert b"contains itself" in answer.body
