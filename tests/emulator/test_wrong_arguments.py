"""Every function with every kind of value in every argument: an answer or a message, in time.

What is given is plausible by the official signature but for one argument. What comes out is used as
a client would use it: images are computed, reducers reduce, filters filter. A part of all cases,
another one for each function, runs with the suite; all of them run by

    python tests/emulator/test_wrong_arguments.py [start of the functions' names]
"""

# ruff: noqa: E501
from __future__ import annotations

import contextlib
import itertools
import json
import logging
import random
import re
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from affine import Affine

from gee_sm.emulator import Emulator
from gee_sm.emulator.catalog import CatalogWriter
from gee_sm.emulator.deadline import check_deadline, deadline
from gee_sm.emulator.encode import encode
from gee_sm.emulator.errors import CatalogError, EarthEngineError
from gee_sm.emulator.graph import Evaluator, Function, apply
from gee_sm.emulator.pixels.grid import Grid, Projection
from gee_sm.emulator.pixels.plan import Plan
from gee_sm.emulator.registry import implementations
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.date import Date
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.image import Image

SECONDS = 10.0
GRID = Grid.of(Projection("EPSG:32646", (10, 0, 500_040, 0, -10, 3_599_960)), 3, 2)
# Words that a client would not see from the service.
PYTHON = re.compile(
    r"has no attribute|NoneType|Traceback|<class|<function|object is not|ndarray|numpy|shapely|pyproj"
    r"|[a-z](?<!\bmax)Error\b|internal error|\bat 0x|gee_sm|unhashable|broadcast|dtype|positional argument"
    r"|not supported between|operand|subscriptable|literal|unpack|cannot convert|math domain"
    r"|out of bounds|zero-size|GEOS|Exception"
)


class Bench:
    """An emulator with a small image and a series, and values of every kind made by it."""

    def __init__(self, folder: str):
        rng = np.random.default_rng(3)
        place = Affine(10, 0, 500_000, 0, -10, 3_600_000)
        value = rng.normal(size=(16, 16)).astype(np.float32)
        value[5, 6] = np.nan
        classes = rng.integers(0, 4, (16, 16)).astype(np.uint8)
        with CatalogWriter(f"{folder}/catalog", title="small") as writer:
            for day, name in enumerate("AB", 1):
                writer.add_image(
                    "TEST/SERIES",
                    name,
                    bands={"value": value, "classes": classes},
                    crs="EPSG:32646",
                    transform=place,
                    nodata={"value": np.nan},
                    properties={"n": 3, "a": "x"},
                    time_start=datetime(2020, 7, day, tzinfo=UTC),
                )
        self.emulator = Emulator(f"{folder}/catalog")
        self.evaluator = Evaluator(
            {"result": "0", "values": {"0": {"constantValue": 0}}}, self.emulator, check_deadline
        )
        self.kinds = self._kinds()

    def call(self, name: str, /, **given: Any) -> Any:
        """Call a function of the service."""
        return apply(implementations()[name], given, self.emulator, self.evaluator.function_named)

    def _kinds(self) -> dict[str, Any]:
        call = self.call
        series = call("ImageCollection.load", id="TEST/SERIES")
        image = series.to_list()[0]
        point = call("GeometryConstructors.Point", coordinates=[93.0001, 32.5301])
        box = call(
            "GeometryConstructors.BBox", west=93.0001, south=32.535, east=93.001, north=32.5365
        )
        feature = call("Feature", geometry=point, metadata={"a": 1, "b": "x", "value": 0.5})
        other = call("Feature", geometry=box, metadata={"a": 2, "b": "y", "value": 1.5})
        features = Collection([feature, other])
        bands = call("Image.toInt32", value=call("Image.select", input=image, bandSelectors=[0]))
        trained = {"features": features, "classProperty": "a", "inputProperties": ["value"]}
        mean = call("Reducer.mean")
        return {
            "null": None, "true": True, "zero": 0, "one": 1, "minus one": -1, "fraction": 2.5,
            "NaN": float("nan"), "infinity": float("inf"), "minus infinity": -float("inf"),
            "huge": 1e300, "2**63": 2**63, "10**25": 10**25, "2**31 - 1": 2**31 - 1, "-2**31": -(2**31),
            "no text": "", "text": "unknown", "half pattern": "(", "property": "a",
            "band": "value", "date text": "2020-01-01", "EPSG": "EPSG:4326",
            "no list": [], "list of null": [None], "numbers": [1, 2], "texts": ["a", "b"],
            "four": [0, 1, 0.5, 2], "nested": [[1, 2], [3, 4]], "ragged": [[1, 2], [3]],
            "nest of none": [[]], "mixed": [1, "a", None, [2]], "list of dictionaries": [{"a": 1}],
            "list of images": [image, image], "list of features": [feature],
            "list of points": [point, box], "list of nan": [float("nan"), float("inf")],
            "list of huge": [10**12, 2**63],
            "no dictionary": {}, "dictionary": {"a": 1}, "numbers of bands": {"value": 1.5},
            "place": [93.0001, 32.5355],
            "places": [[93, 32], [94, 32], [94, 33]], "rings": [[[93, 32], [94, 32], [94, 33]]],
            "many rings": [[[[93, 32], [94, 32], [94, 33]]]], "corners": [[93, 32], [94, 33]],
            "half a geometry": {"type": "Point", "coordinates": ["a"]},
            "half a projection": {"type": "Projection", "crs": 3},
            "half a type": {"type": "PixelType"}, "half a date": {"type": "Date"},
            "half a range": {"type": "DateRange", "dates": [1]},
            "half a feature": {"type": "Feature", "geometry": 3},
            "date": Date(1_577_836_800_000), "late date": Date(2**60),
            "range": call("DateRange", start="2020-01-01", end="2021-01-01"),
            "point": point, "box": box,
            "line": call("GeometryConstructors.LineString", coordinates=[[0, 0], [170, 5]]),
            "no geometry": call("GeometryConstructors.MultiPoint", coordinates=[]),
            "flat geometry": call(
                "GeometryConstructors.Rectangle",
                coordinates=[500_050, 3_599_900, 500_090, 3_599_950],
                crs="EPSG:32646",
            ),
            "everywhere": call("GeometryConstructors.BBox", west=-180, south=-90, east=180, north=90),
            "feature": feature, "bare feature": Feature(None, {}),
            "odd feature": Feature(None, {"a": [1], "b": image, "value": "text"}),
            "image": image, "integers": bands, "three bands": call("Image.constant", value=[1, 2, 3]),
            "constant": call("Image.constant", value=2),
            "no bands": call("Image.constant", value=[]),
            "array image": call("Image.toArray", image=image),
            "matrix image": call("Image.constant", value=[call("Array", values=[[1, 2], [3, 4]])]),
            "masked image": call("Image.mask", image=image, mask=call("Image.constant", value=0)),
            "series": series, "features": features, "no features": Collection([]),
            "no images": Collection([], of_images=True),
            "features as images": Collection([feature], of_images=True),
            "images and features": Collection([image, feature]),
            "numbers as images": Collection([1, "a", None], of_images=True),
            "array images": Collection([call("Image.toArray", image=i) for i in series]),
            "images without bands": Collection([call("Image.constant", value=[])]),
            "nest": Collection([features]),
            "vector": call("Array", values=[1, 2, 3]),
            "matrix": call("Array", values=[[2, 1], [1, 3]]),
            "no array": call("Array", values=[], pixelType="double"),
            "cube": call("Array", values=[[[1, 2], [3, 4]]]),
            "odd array": call("Array", values=[[float("nan"), float("inf")]]),
            "mean": mean, "count": call("Reducer.count"),
            "regression": call("Reducer.linearRegression", numX=2),
            "two outputs": call("Reducer.minMax"),
            "list reducer": call("Reducer.toList"),
            "grouped": call("Reducer.group", reducer=mean),
            "kernel": call("Kernel.square", radius=1),
            "kernel in metres": call("Kernel.circle", radius=15, units="meters"),
            "distance kernel": call("Kernel.euclidean", radius=1),
            "list of filters": [call("Filter.equals", leftField="a", rightValue=1)],
            "comparison": "a > 1", "value band": call("Image.select", input=image, bandSelectors=[0]),
            "pair of ones": call("Image.constant", value=[1, 1]), "labels": [["a", "b"], ["c", "d"]],
            "list of zero": [0], "list of zeros": [0, 0], "four by one": call("Array", values=[4, 1]),
            "arrays": [call("Array", values=[[1, 2]])] * 2,
            "column": call("Array", values=[[1], [2]]),
            "list of property": ["a"], "list of band": ["value"], "series' name": "TEST/SERIES",
            "image's name": "TEST/SERIES/A", "boxes": [box, box, box], "float text": "float",
            "number text": "12", "band types": {"value": "double"}, "two": 2,
            "tree": "1) root 10 4 1\n2) B1< 0.5 6 1 1 *\n3) B1>=0.5 4 0 2 *",
            "trees": ["1) root 10 4 1 *"], "color": "red",
            "style": "<RasterSymbolizer><ColorMap><ColorMapEntry color='#ff0000' quantity='1'/>"
            "</ColorMap></RasterSymbolizer>",
            "words": {"a": 1, "b": 2, "word": "x", "geo": box}, "JSON": '{"a": [1]}',
            "ring": [0, 0, 1, 0, 1, 1],
            "filter": call("Filter.equals", leftField="a", rightValue=1),
            "join": call("Join.saveAll", matchesKey="m"),
            "projection": call("Projection", crs="EPSG:32646", transform=[10, 0, 0, 0, -10, 0]),
            "type": call("PixelType", precision="float"), "margin": call("ErrorMargin", value=1),
            "classifier": call("Classifier.smileCart"),
            "trained": call(
                "Classifier.train", classifier=call("Classifier.smileCart"), **trained
            ),
            "clusters": call(
                "Clusterer.train",
                clusterer=call("Clusterer.wekaKMeans", nClusters=2),
                features=features,
                inputProperties=["value"],
            ),
            "clusterer": call("Clusterer.wekaKMeans", nClusters=2),
            "confusion": call("ConfusionMatrix", array=[[3, 1], [0, 2]]),
            "function": Function(("x",), lambda x: x),
            "function of null": Function(("x",), lambda x: None),
            "function of numbers": Function(("x", "y"), lambda x, y: 1),
            "function of nothing": Function((), lambda: 1),
            "function's name": "Image.abs",
        }  # fmt: skip

    def base(self, signature: Any) -> dict[str, Any]:
        """Return plausible arguments of a function: the required ones, and what is known by name."""
        found = {}
        for argument in signature.arguments:
            named = f"{signature.name}.{argument.name}"
            kind = next(
                (k for pattern, k in _BY_NAME.items() if re.fullmatch(pattern, named)), None
            )
            if kind is None and argument.required:
                kind = _BY_TYPE.get(argument.type, "one")
            if kind is not None:
                found[argument.name] = self.kinds.get(kind, kind)
        return {name: value for name, value in found.items() if value != "left out"}

    def used(self, value: Any, depth: int = 0) -> None:
        """Do with a value what a client may do next."""
        call, kinds = self.call, self.kinds
        json.dumps(encode(value), allow_nan=False)
        if isinstance(value, Image):
            if not any(band.type.dimensions for band in value.bands):
                Plan([band.source for band in value.bands]).run(GRID)
            else:
                Plan([b.source for b in value.bands]).run(GRID.window(GRID.x, GRID.y, 1, 1))
            return
        if depth > 1:
            return
        if isinstance(value, Collection):
            for element in itertools.islice(value, 2):
                self.used(element, depth + 1)
            return
        kind = getattr(value, "type_name", "")
        uses: list[tuple[str, dict[str, Any]]] = {
            "Reducer": [
                ("ImageCollection.reduce", {"collection": kinds["series"], "reducer": value}),
                ("Image.reduce", {"image": kinds["image"], "reducer": value}),
                ("Image.reduceRegion",
                 {"image": kinds["image"], "reducer": value, "geometry": kinds["box"], "scale": 40}),
                ("Image.reduceNeighborhood",
                 {"image": kinds["image"], "reducer": value, "kernel": kinds["kernel"]}),
                ("List.reduce", {"list": kinds["four"], "reducer": value}),
                ("Collection.reduceColumns",
                 {"collection": kinds["features"], "reducer": value, "selectors": ["a"] * min(value.inputs, 99)
                  if isinstance(getattr(value, "inputs", None), int) else ["a"]}),
            ],
            "Kernel": [
                ("Image.convolve", {"image": kinds["image"], "kernel": value}),
                ("Image.focalMax", {"image": kinds["image"], "kernel": value}),
            ],
            "Filter": [
                ("Collection.filter", {"collection": kinds["features"], "filter": value}),
                ("Collection.filter", {"collection": kinds["series"], "filter": value}),
                ("Join.apply", {"join": kinds["join"], "primary": kinds["features"],
                                "secondary": kinds["features"], "condition": value}),
            ],
            "Join": [
                ("Join.apply", {"join": value, "primary": kinds["features"],
                                "secondary": kinds["features"], "condition": kinds["filter"]}),
            ],
            "Projection": [
                ("Image.reproject", {"image": kinds["image"], "crs": value}),
                ("Geometry.transform", {"geometry": kinds["box"], "proj": value}),
            ],
            "Geometry": [
                ("Geometry.area", {"geometry": value, "maxError": kinds["margin"]}),
                ("Geometry.buffer", {"geometry": value, "distance": 10, "maxError": kinds["margin"]}),
                ("Image.clip", {"input": kinds["image"], "geometry": value}),
            ],
            "PixelType": [
                ("Image.cast", {"image": kinds["image"], "bandTypes": {"value": value}}),
                ("Array", {"values": [1, 2], "pixelType": value}),
            ],
            "Classifier": [
                ("Classifier.train", {"classifier": value, "features": kinds["features"],
                                      "classProperty": "a", "inputProperties": ["value"]}),
                ("Image.classify", {"image": kinds["image"], "classifier": value}),
            ],
            "Clusterer": [
                ("Clusterer.train", {"clusterer": value, "features": kinds["features"],
                                     "inputProperties": ["value"]}),
            ],
            "Date": [("Date.format", {"date": value}), ("Date.advance",
                     {"date": value, "delta": 1, "unit": "month"})],
            "ErrorMargin": [("Geometry.buffer", {"geometry": kinds["point"], "distance": 10,
                                                 "maxError": value})],
        }.get(kind, [])  # fmt: skip
        failure: EarthEngineError | None = None
        for name, given in uses:
            try:
                self.used(call(name, **given), depth + 1)
            except EarthEngineError as error:
                failure = error
                _words(error.message)
        if failure is not None and depth == 0:
            raise failure


# The values by which arguments of a type are taken when nothing better is known by name.
_BY_TYPE = {
    "Image<unknown bands>": "image", "String": "property",
    "Integer": "one", "Float": "one", "Number": "one",
    "Long": "one", "Array": "matrix", "Object": "one",
    "Boolean": "true", "Projection": "projection", "ErrorMargin": "margin",
    "List<Object>": "numbers", "Element": "feature",
    "Feature": "feature", "Geometry": "box",
    "FeatureCollection": "features", "List<String>": "texts", "Reducer": "mean",
    "ImageCollection": "series", "Kernel": "kernel", "Dictionary<Object>": "dictionary",
    "List<Integer>": "numbers", "List<Float>": "numbers", "Date": "date",
    "DateRange": "range", "Classifier": "classifier", "ConfusionMatrix": "confusion",
    "PixelType": "type", "Algorithm": "function", "Clusterer": "clusterer",
    "Filter": "filter", "List<List<Float>>": "nested", "List<List<Object>>": "nested",
    "List<Number>": "numbers", "List<Element>": "list of features",
    "List<Geometry>": "list of points", "List<Image<unknown bands>>": "list of images",
    "Join": "join",
}  # fmt: skip
_BY_NAME = {
    r"ErrorMargin\.unit": "meters",
    r".*\.(unit|inUnit|numerator|denominator)": "day",
    r"Filter\.(and|or)\.filters": "list of filters",
    r"Filter\.(?!dateRange|area|date|bounds)\w+\.leftField": "property",
    r"Filter\.(dateRangeContains)\.leftValue": "range",
    r"Filter\.\w+\.(rightValue)": "one",
    r"Filter\.expression\.expression": "comparison",
    r"(Terrain|HillShadow)\b.*\.(input|image)": "value band",
    r"(Terrain.fillMinima|FMask.fillMinima|.*reduceToVectors.*|.*glcm.*|.*stratifiedSample|"
    r".*bitsToArrayImage)\.(image|input)": "integers",
    r"Image\.(matrix|array).*\.(image1|image2|input|image|value)": "matrix image",
    r"Image\.arrayDotProduct\.image[12]": "array image",
    r"Image\.(arrayGet)\.(position)": "pair of ones",
    r"Image\.arraySlice\.axis": "zero",
    r"Image\.arrayFlatten\.coordinateLabels": "labels",
    r"Image\.arrayProject\.axes": "list of zero",
    r"Image\.(rgbToHsv|hsvToRgb)\.image": "three bands",
    r"(Image|Dictionary|List|Element).*\.(destination)": "feature",
    r"Image\.copyProperties\.(source|destination)": "image",
    r"(Array|.*[rR]educe.*)\.(axis|fieldAxis)": "zero",
    r"Array\.(reduce|project)\.axes": "list of zero",
    r"Array\.get\.position": "list of zeros",
    r"Array\.cat\.arrays": "arrays",
    r"Array\.dotProduct\.array[12]": "vector",
    r"Array\.reshape\.(shape)": "four by one",
    r"Array\.matrixToDiag\.array": "column",
    r".*\.inputProperties": "list of band",
    r".*\.classProperty": "property",
    r"Image.load.id": "image's name",
    r".*\.qualityBand": "band",
    r".*\.(id|tableId|collectionId)": "series' name",
    r"GeometryConstructors\.Point\.coordinates": "place",
    r"GeometryConstructors\.(Rectangle)\.coordinates": "corners",
    r"GeometryConstructors\.(LinearRing|LineString|MultiPoint)\.coordinates": "places",
    r"GeometryConstructors\.(Polygon|MultiLineString)\.coordinates": "rings",
    r"GeometryConstructors\.(MultiPolygon)\.coordinates": "many rings",
    r"GeometryConstructors\.MultiGeometry\.geometries": "boxes",
    r"(Geometry|Feature|Collection|Filter)\.\w+\.(maxError|errorMargin)": "margin",
    r"(Projection|Proj|PixelType)\..*(crs)": "EPSG",
    r"PixelType\.precision": "float text",
    r"Number\.parse\.input": "number text",
    r"Number\.expression\.vars": "dictionary",
    r"(Image|ImageCollection)\.cast\.bandTypes": "band types",
    r"Image.metadata.property": "n",
    r".*\.(numSteps|steps|xSteps|ySteps)": "two",
    r"Reducer\..*(max|xMax|yMax)": "fraction",
    r"Classifier\.(explain|confusionMatrix|mode|schema)\.classifier": "trained",
    r".*\.classify\.classifier": "trained",
    r".*\.cluster\.clusterer": "clusters",
    r"Classifier\.setOutputMode\.mode": "PROBABILITY",
    r"Classifier\.decisionTree\.treeString": "tree",
    r"Classifier\.decisionTreeEnsemble\.treeStrings": "trees",
    r"Image\.cumulativeCost\.(cost|source)": "constant",
    r"Image\.(directionalDistanceTransform|clip|clipToCollection)\.image": "integers",
    r"Image\.clipToCollection\.collection": "features",
    r"Image\.clip\.geometry": "box",
    r"Image\.sldStyle\.sldXml": "style",
    r"Image\.unmix\.endmembers": "nested",
    r"Collection\.(draw|style)\.color": "color",
    r"Collection\.reduceColumns\.selectors": "list of property",
    r"Collection\.reduceToImage\.properties": "list of property",
    r"Collection\.filter\.filter": "filter",
    r"Collection\.distinct\.properties": "property",
    r"FeatureCollection\.kriging\.shape": "gaussian",
    r"Feature\.toArray\.properties": "list of property",
    r"Dictionary\.(select|remove|rename)\.(selectors|from|to)": "list of property",
    r"(Dictionary|Element)\.(get(String))\.(property|key)": "word",
    r"(Dictionary)\.(getGeometry)\.key": "geo",
    r"Dictionary\.\w+\.dictionary": "words",
    r"List\.getGeometry\.list": "boxes",
    r"List\.getString\.list": "texts",
    r"List\.unzip\.list": "nested",
    r"List\.sequence\.end": "fraction",
    r"Image\.(select)\.bandSelectors": "list of zero",
    r"Reducer\.setOutputs\.outputs": "list of property",
    r"String\.decodeJSON\.string": "JSON",
    r"Geometry.fromS2CellToken.cellToken": "89c25",
    r"TemporalSegmentation\.\w+\.breakpointBand": "band",
    r"Classifier\.spectralRegion\.coordinates": "ring",
    r"Blob\.\w+\.blob": "blob",
    r"(Blob|Image\.loadGeoTIFF)\.(url|uri)": "bucket file",
}


def _words(message: str) -> None:
    if not message or PYTHON.search(message):
        raise AssertionError(f"not the service's words: {message[:300]}")


def cases(bench: Bench, name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (argument, kind, arguments) of a function; the first one is plausible throughout."""
    signature = implementations()[name].signature
    base = bench.base(signature)
    yield "", "", base
    for argument in signature.arguments:
        for kind, value in bench.kinds.items():
            yield argument.name, kind, {**base, argument.name: value}
            if argument.type.startswith("List<") and not isinstance(value, list):
                yield argument.name, f"list of {kind}", {**base, argument.name: [value, value]}
    missing = [a.name for a in signature.arguments if a.required]
    for one in missing:
        yield one, "missing", {k: v for k, v in base.items() if k != one}


def outcome(bench: Bench, name: str, given: dict[str, Any]) -> str:
    """Return the message a call fails with, or nothing.

    Raises
    ------
    AssertionError
        If the words are not those of the service, or it takes too long.
    """
    start = time.monotonic()
    message = ""
    lazy = implementations()[name].lazy
    try:
        with deadline(SECONDS), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = {k: (lambda v=v: v) for k, v in given.items()} if lazy else given
            bench.used(bench.call(name, **given))
    except (EarthEngineError, CatalogError) as error:
        message = str(error)
        _words(message)
    taken = time.monotonic() - start
    assert taken < SECONDS, f"took {taken:.0f} s"
    return message


@contextlib.contextmanager
def bench() -> Iterator[Bench]:
    """Make the bench in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        made = Bench(folder)
        try:
            yield made
        finally:
            made.emulator.close()


@pytest.fixture(scope="module")
def made():
    """The values of all kinds."""
    with bench() as found:
        yield found


GROUPS = sorted({name.partition(".")[0] for name in implementations()})
CASES_OF_A_FUNCTION = 2


def sampled(bench: Bench, name: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the plausible case of a function and a few others, each time the same ones."""
    plausible, *others = cases(bench, name)
    count = min(CASES_OF_A_FUNCTION, len(others))
    return [plausible, *random.Random(name).sample(others, count)]


@pytest.mark.parametrize("group", GROUPS)
def test_whatever_is_given_a_function_answers_or_says_what_is_wrong(made, group):
    tried = 0
    for name in implementations():
        if name.partition(".")[0] == group:
            for argument, kind, given in sampled(made, name):
                try:
                    outcome(made, name, given)
                except Exception as error:
                    pytest.fail(f"{name}, {argument} = {kind}: {type(error).__name__}: {error}")
                tried += 1
    assert tried


@pytest.mark.parametrize(
    ("function", "given", "words"),
    [
        (
            "ImageCollection.reduce",
            {"collection": "features", "reducer": "mean"},
            "ImageCollection.reduce, argument 'collection': Invalid type.\n"
            "Expected type: ImageCollection.\nActual type: FeatureCollection.",
        ),
        (
            "ImageCollection.reduce",
            {"collection": "images and features", "reducer": "mean"},
            "Invalid type.\nExpected type: Image<unknown bands>.\nActual type: Feature.",
        ),
        (
            "Image.add",
            {"image1": "image", "image2": "features"},
            "Image.add, argument 'image2': Invalid type.\n"
            "Expected type: Image<unknown bands>.\nActual type: FeatureCollection.",
        ),
        (
            "Filter.and",
            {"filters": "mixed"},
            "Filter.and, argument 'filters': Invalid type.\n"
            "Expected type: Filter.\nActual type: Integer.\nActual value: 1",
        ),
        (
            "Image.reduceNeighborhood",
            {"image": "array image", "reducer": "mean", "kernel": "kernel"},
            "Image.reduceNeighborhood: Band 'array' holds arrays of 1 dimensions, where a number "
            "is expected at each pixel: use arrayGet or arrayFlatten first.",
        ),
        (
            "Image.focalMax",
            {"image": "image", "iterations": "2**31 - 1"},
            "Image.focalMax: Got 2147483647 iterations; the emulator has at most 1000.",
        ),
        (
            "Kernel.circle",
            {"radius": "infinity"},
            "The radius of a kernel must be a number, got inf.",
        ),
    ],
)
def test_words(made, function, given, words):
    assert outcome(made, function, {k: made.kinds[v] for k, v in given.items()}).endswith(words)


def _main(beginning: str = "") -> int:
    """Try all cases of the functions whose names begin so; print what goes wrong."""
    logging.disable(logging.CRITICAL)
    tried = wrong = 0
    with bench() as made:
        for name in sorted(implementations()):
            if not name.startswith(beginning):
                continue
            for argument, kind, given in cases(made, name):
                tried += 1
                try:
                    outcome(made, name, given)
                except Exception as error:
                    wrong += 1
                    place = traceback.extract_tb(error.__traceback__)[-1]
                    where = f"{place.filename.rpartition('/')[2]}:{place.lineno}"
                    text = " ".join(str(error).split())[:100]
                    sys.stdout.write(
                        f"{name}, {argument} = {kind}: {where} {type(error).__name__}: {text}\n"
                    )
    sys.stdout.write(f"{tried} cases, {wrong} wrong\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:2]))
