"""Documented outputs of dictionaries: the samples say in words what their results are."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs

THREE = "ee.Dictionary({'B1': 182, 'B2': 219, 'B3': 443})"
SECOND = "{'Region': 'r', 'Image': 'i', 'B1': -9999}"

DICTIONARIES = (
    *outputs("Dictionary", "apidocs/ee-dictionary", {
        THREE: '{"B1": 182, "B2": 219, "B3": 443}',
        "ee.Dictionary(['B1', 182, 'B2', 219, 'B3', 443])": '{"B1": 182, "B2": 219, "B3": 443}',
    }, source="stated"),
    *outputs("Dictionary.fromLists", "apidocs/ee-dictionary-fromlists", {
        "ee.Dictionary.fromLists(['B1', 'B2', 'B3'], [182, 219, 443])": (
            '{"B1": 182, "B2": 219, "B3": 443}'
        ),
    }, source="stated"),
    *outputs("Dictionary.combine", "apidocs/ee-dictionary-combine", {
        f"{THREE}.combine({SECOND}, False)": (
            '{"B1": 182, "B2": 219, "B3": 443, "Image": "i", "Region": "r"}'
        ),
        f"{THREE}.combine({SECOND}, True)": (
            '{"B1": -9999, "B2": 219, "B3": 443, "Image": "i", "Region": "r"}'
        ),
    }, source="stated"),
    *outputs("Dictionary.contains", "apidocs/ee-dictionary-contains", {
        f"{THREE}.contains('B1')": "true",
        f"{THREE}.contains('Band_1')": "false",
    }, source="stated"),
    *outputs("Dictionary.get", "apidocs/ee-dictionary-get", {
        f"{THREE}.get('B1')": "182",
        f"{THREE}.get('Band_1', -9999)": "-9999",
    }, source="stated"),
    *outputs("Dictionary.get", 'search?q="Dictionary+does+not+contain+key"&type=code', {
        "ee.Dictionary({}).get('elevation_mean')": (
            "error: Dictionary.get: Dictionary does not contain key: 'elevation_mean'."
        ),
    }, source="recorded"),
    *outputs("Dictionary.getArray", "apidocs/ee-dictionary-getarray", {
        "ee.Dictionary({'a': ee.Array([182, 219, 443])}).getArray('a')": "[182, 219, 443]",
    }, source="stated"),
    *outputs("Dictionary.getNumber", "apidocs/ee-dictionary-getnumber", {
        f"{THREE}.getNumber('B1')": "182",
    }, source="stated"),
    *outputs("Dictionary.getString", "apidocs/ee-dictionary-getstring", {
        "ee.Dictionary({'Region': 'a park'}).getString('Region')": '"a park"',
    }, source="stated"),
    *outputs("Dictionary.getGeometry", "apidocs/ee-dictionary-getgeometry", {
        "ee.Dictionary({'g': ee.Geometry.Point([-122.01, 36.97])}).getGeometry('g')": (
            '{"type": "Point", "coordinates": [-122.01, 36.97]}'
        ),
    }, source="stated"),
    *outputs("Dictionary.keys", "apidocs/ee-dictionary-keys", {
        f"{THREE}.keys()": '["B1", "B2", "B3"]',
    }, source="stated"),
    *outputs("Dictionary.values", "apidocs/ee-dictionary-values", {
        f"{THREE}.values(['B1', 'B2'])": "[182, 219]",
        f"{THREE}.values()": "[182, 219, 443]",
    }, source="stated"),
    *outputs("Dictionary.size", "apidocs/ee-dictionary-size", {f"{THREE}.size()": "3"},
             source="stated"),
    *outputs("Dictionary.map", "apidocs/ee-dictionary-map", {
        f"{THREE}.map(lambda key, value: ee.Number(value).divide(1e4))": (
            '{"B1": 0.0182, "B2": 0.0219, "B3": 0.0443}'
        ),
    }, source="stated"),
    *outputs("Dictionary.select", "apidocs/ee-dictionary-select", {
        f"{THREE}.select(['B1', 'B2'])": '{"B1": 182, "B2": 219}',
        f"{THREE}.select(['B[1-2]'])": '{"B1": 182, "B2": 219}',
        f"{THREE}.select(['B1', 'B2', 'Region'], True)": '{"B1": 182, "B2": 219}',
    }, source="stated"),
    *outputs("Dictionary.remove", "apidocs/ee-dictionary-remove", {
        f"{THREE}.remove(['B2', 'B3'])": '{"B1": 182}',
        f"{THREE}.remove(['B2', 'B3', 'Region'], True)": '{"B1": 182}',
    }, source="stated"),
    *outputs("Dictionary.rename", "apidocs/ee-dictionary-rename", {
        f"{THREE}.rename(['B2', 'B3'], ['Band_2', 'Band_3'])": (
            '{"B1": 182, "Band_2": 219, "Band_3": 443}'
        ),
        f"{THREE}.rename(['B3'], ['B1'], True)": '{"B1": 443, "B2": 219}',
    }, source="stated"),
    *outputs("Dictionary.set", "apidocs/ee-dictionary-set", {
        f"{THREE}.set('B3', -9999)": '{"B1": 182, "B2": 219, "B3": -9999}',
    }, source="stated"),
    *outputs("Dictionary.set", 'search?q="Dictionary.set:+Parameter"&type=code', {
        "ee.Dictionary({}).set('a', ee.List([None]).get(0))": (
            "error: Dictionary.set: Parameter 'value' is required and may not be null."
        ),
    }, source="recorded"),
    *outputs("Dictionary.toArray", "apidocs/ee-dictionary-toarray", {
        f"{THREE}.toArray(['B1', 'B2'])": "[182, 219]",
        f"{THREE}.toArray()": "[182, 219, 443]",
    }, source="stated"),
    *outputs("Dictionary.toImage", "apidocs/ee-dictionary-toimage", {
        f"{THREE}.toImage(['B1', 'B2']).bandNames()": '["B1", "B2"]',
        f"{THREE}.toImage().bandNames()": '["B1", "B2", "B3"]',
    }, source="stated"),
)  # fmt: skip
