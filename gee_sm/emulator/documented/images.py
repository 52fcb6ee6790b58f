"""Documented outputs of images that need no stored data."""

from __future__ import annotations

from gee_sm.emulator.documented.output import outputs


def _band(name: str, precision: str, value: str, more: str = "") -> str:
    return (
        f'{{"id": "{name}", "data_type": {{"type": "PixelType", "precision": "{precision}", '
        f'"min": {value}, "max": {value}{more}}}, "crs": "EPSG:4326", '
        '"crs_transform": [1, 0, 0, 0, 1, 0]}'
    )


def _image(*bands: str) -> str:
    return f'{{"type": "Image", "bands": [{", ".join(bands)}]}}'


ORANGE = _image(
    _band("constant", "int", "255"),
    _band("constant_1", "int", "136"),
    _band("constant_2", "int", "0"),
)
WORLD = "ee.Geometry.Rectangle([-180, -90, 180, 90], None, False)"
TOO_MANY = (
    "Image.reduceRegion: Too many pixels in the region. Found 80300348117, but only 10000000 "
    "allowed."
)
QUOTED = "search?q={}&type=code"
ENSEMBLE = "[ee.Image.constant(v).rename('m').double() for v in (118, 111, 57, 75, 99, 58)]"
SIX_VALUES = f"ee.ImageCollection({ENSEMBLE})"
AT = "ee.Geometry.Point([0, 0]), 1"

IMAGES = (
    *outputs("Image.constant", "apidocs/ee-image-constant", {
        "ee.Image.constant(1)": _image(_band("constant", "int", "1")),
        "ee.Image(2)": _image(_band("constant", "int", "2")),
        "ee.Image(math.pi)": _image(_band("constant", "double", "3.141592653589793")),
        "ee.Image.constant([-1.2, 4])": _image(
            _band("constant_0", "double", "-1.2"), _band("constant_1", "int", "4")
        ),
        "ee.Image([0xff, 0x88, 0x00])": ORANGE,
    }),
    *outputs("Image.constant", "apidocs/ee-image", {
        "ee.Image()": _image(_band("constant", "int", "0")),
        "ee.Image(ee.Array([0x00, 0x00, 0xff]))": _image(
            _band("constant", "int", "0", ', "dimensions": 1').replace('"max": 0', '"max": 255')
        ),
    }),
    *outputs("Image.constant", QUOTED.format('"Image.constant:+Parameter"'), {
        "ee.Image.constant(ee.List([None]).get(0))": (
            "error: Image.constant: Parameter 'value' is required and may not be null."
        ),
    }, source="recorded"),
    *outputs("Image.pixelArea", "apidocs/ee-image-pixelarea", {
        "ee.Image.pixelArea().projection()": (
            '{"type": "Projection", "crs": "EPSG:4326", "transform": [1, 0, 0, 0, 1, 0]}'
        ),
        "ee.Image.pixelArea().bandNames()": '["area"]',
    }, source="stated"),
    *outputs("Image.remap", "apidocs/ee-image-remap", {
        "ee.Image(10).set('a', 1).remap([10, 20], [1, 2], 0).bandNames()": '["remapped"]',
        "ee.Image(10).set('a', 1).remap([10, 20], [1, 2], 0).get('a')": "1",
        f"ee.Image(10).remap([10, 20], [1, 2], 0).reduceRegion('first', {AT})": '{"remapped": 1}',
        f"ee.Image(30).remap([10, 20], [1, 2], 0).reduceRegion('first', {AT})": '{"remapped": 0}',
    }, source="stated"),
    *outputs("Image.select", "apidocs/ee-image-select", {
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select('B11').bandNames()": '["B11"]',
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select(1).bandNames()": '["B11"]',
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select(['B11', 'B8']).bandNames()": (
            '["B11", "B8"]'
        ),
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select(2, 'B8').bandNames()": (
            '["QA10", "B8"]'
        ),
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select(['B11', 'B8'], ['SWIR1', "
        "'NIR']).bandNames()": '["SWIR1", "NIR"]',
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select('QA..').bandNames()": (
            '["QA10"]'
        ),
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select('B.*').bandNames()": (
            '["B8", "B11"]'
        ),
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select('B[1-9][1-2]').bandNames()": (
            '["B11"]'
        ),
        "ee.Image([1, 2, 3]).rename(['B8', 'B11', 'QA10']).select('B.*|QA.*').bandNames()": (
            '["B8", "B11", "QA10"]'
        ),
    }, source="stated"),
    *outputs("Image.rename", "apidocs/ee-image-rename", {
        "ee.Image([1, 2, 3]).rename(['SWIR1', 'NIR', 'GREEN']).bandNames()": (
            '["SWIR1", "NIR", "GREEN"]'
        ),
        "ee.Image([1, 2, 3]).rename('swir1', 'nir', 'green').bandNames()": (
            '["swir1", "nir", "green"]'
        ),
    }, source="stated"),
    *outputs("Image.parseExpression", "apidocs/ee-image-expression", {
        "ee.Image().expression('c = sqrt(pow(a, 2) + pow(b, 2))', {'a': ee.Image(3), "
        f"'b': ee.Image(4)}}).reduceRegion('first', {AT})": '{"c": 5}',
        "ee.Image([1, 3]).rename(['r', 'n']).expression(\"(b('n') - b(0)) / (b('n') + b('r'))\")"
        f".rename('v').reduceRegion('first', {AT})": '{"v": 0.5}',
    }, source="stated"),
    *outputs("Image.projection", "guides/projections", {
        "ee.Image(1).addBands(ee.Image(1).reproject('EPSG:32632', None, 10)).projection()": (
            "error: Image.projection: The bands of the specified image contain different "
            "projections. Use Image.select to pick a single band."
        ),
    }),
    *outputs("Image.reduceRegion", "guides/projections", {
        "ee.Image(1).reduceRegion('mean', ee.Geometry.Point(0, 0).buffer(100))": (
            "error: Image.reduceRegion: The default WGS84 projection is invalid for aggregations. "
            "Specify a scale or crs & crs_transform."
        ),
    }),
    *outputs("Image.reduceRegion", "guides/debugging", {
        f"ee.Image(1).reduceRegion('count', {WORLD}, 100)": f"error: {TOO_MANY}",
    }, disagrees="The guide has an older wording; the number of pixels is the same."),
    *outputs("Image.reduceRegion", QUOTED.format('"aggregating+over+an+unbounded+image"'), {
        "ee.Image(1).reduceRegion('mean', None, 100)": (
            "error: Image.reduceRegion: Provide 'geometry' parameter when aggregating over an "
            "unbounded image."
        ),
    }, source="recorded"),
    *outputs("Image.reduceRegions", "r-spatial/rgee/issues/153", {
        "ee.Image().select([]).reduceRegions(ee.FeatureCollection([]), ee.Reducer.mean(), 10)": (
            "error: Image.reduceRegions: Need 1 bands for Reducer.mean, image has 0."
        ),
    }, source="recorded"),
    *outputs("Image.select", "guides/debugging", {
        "ee.Image([1, 2, 3]).rename(['HH', 'HV', 'angle']).select('VV')": (
            "error: Image.select: Band pattern 'VV' did not match any bands. Available bands: "
            "[HH, HV, angle]"
        ),
    }, source="recorded"),
    *outputs("Image.multiply", "r-spatial/rgee/issues/167", {
        "ee.Image(1).select([]).multiply(2)": (
            "error: Image.multiply: If one image has no bands, the other must also have no bands. "
            "Got 0 and 1."
        ),
    }, source="recorded"),
    *outputs("Image.addBands", "google/earthengine-api/issues/159", {
        "ee.ApiFunction.call_('Image.addBands', ee.Image(1), ee.ImageCollection([]))": (
            "error: Image.addBands, argument 'srcImg': Invalid type. Expected type: Image<unknown "
            "bands>. Actual type: ImageCollection."
        ),
    }, source="recorded"),
    *outputs("Image.load", QUOTED.format('"Image.load:+Image+asset"'), {
        "ee.Image('projects/p/assets/x')": (
            "error: Image.load: Image asset 'projects/p/assets/x' not found (does not exist or "
            "caller does not have access)."
        ),
    }, source="recorded"),
    *outputs("ImageCollection.load", QUOTED.format('"ImageCollection.load:+ImageCollection"'), {
        "ee.ImageCollection('projects/p/assets/x')": (
            "error: ImageCollection.load: ImageCollection asset 'projects/p/assets/x' not found "
            "(does not exist or caller does not have access)."
        ),
    }, source="recorded"),
    *outputs("Image.visualize", QUOTED.format('"palette+when+visualizing+more+than+one"'), {
        "ee.Image([1, 2, 3]).visualize(palette=['red', 'blue'])": (
            "error: Image.visualize: Cannot provide a palette when visualizing more than one band."
        ),
    }, source="recorded"),
    *outputs("ImageCollection.toArrayPerBand", "apidocs/ee-imagecollection-toarrayperband", {
        "pixel(ee.ImageCollection([ee.Image(k).byte() for k in (0, 1, 2)]).toArrayPerBand())": (
            "[0, 1, 2]"
        ),
        "pixel(ee.ImageCollection([ee.Image(k).byte().updateMask(k != 1) for k in (0, 1, 2)])"
        ".toArrayPerBand().mask())": "0",
        "pixel(ee.ImageCollection([ee.Image(k).byte().updateMask(k != 1) for k in (0, 1, 2)])"
        ".toArrayPerBand(0, True))": "[0, 2]",
    }),
    *outputs("reduce.mode", "apidocs/ee-imagecollection-mode", {
        "ee.ImageCollection([ee.Image(v) for v in (4, 2, 4, 2, 9)]).mode()"
        f".reduceRegion('first', {AT})": '{"constant": 2}',
    }, source="stated"),
    *outputs("reduce.count", "apidocs/ee-imagecollection-count", {
        "ee.ImageCollection([ee.Image(1), ee.Image(1).updateMask(0)]).count()"
        f".reduceRegion('first', {AT})": '{"constant": 1}',
        f"ee.ImageCollection([ee.Image(1).updateMask(0)]).count().reduceRegion('first', {AT})": (
            '{"constant": null}'
        ),
    }, source="stated"),
    *outputs("ImageCollection.mosaic", "apidocs/ee-imagecollection-mosaic", {
        "ee.ImageCollection([ee.Image(1), ee.Image(2), ee.Image(3).updateMask(0)]).mosaic()"
        f".reduceRegion('first', {AT})": '{"constant": 2}',
    }, source="stated"),
    *outputs("reduce.mean", "Open-ET/openet-core/blob/main/openet/core/tests/test_ensemble.py", {
        f"{SIX_VALUES}.mean().reduceRegion('first', {AT})": '{"m": 86.3333}',
    }, source="recorded", digits=True),
    *outputs("Image.constant", "Open-ET/openet-core/blob/main/openet/core/tests/test_utils.py", {
        f"ee.Image.constant(10.123456789).reduceRegion('first', {AT})": '{"constant": 10.123457}',
        "ee.Image.constant([10.123456789, 11.123456789]).rename(['foo', 'bar'])"
        f".reduceRegion('first', {AT})": '{"bar": 11.123457, "foo": 10.123457}',
    }, source="recorded", digits=True),
    *outputs("Image.unmask", "apidocs/ee-image-unmask", {
        f"ee.Image(1).updateMask(0).unmask(32767).reduceRegion('first', {AT})": (
            '{"constant": 32767}'
        ),
        f"ee.Image(1).updateMask(0).unmask().reduceRegion('first', {AT})": '{"constant": 0}',
    }, source="stated"),
)  # fmt: skip
