"""What the emulator assumes of images."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

IMAGES = Section(
    "Images",
    "Assumptions about pixels, masks, projections, neighbourhoods and regions of images.\n\n"
    "`at(image)` stands for `image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([10, 50]), "
    "10, 'EPSG:32632')`, and `xy` for "
    "`ee.Image.pixelCoordinates(ee.Projection('EPSG:32632').atScale(10)).floor()`.",
    (
        Assumption(
            "Image.add",
            "Of two fractional masks the lesser remains.",
            "at(ee.Image(1).updateMask(0.5).add(ee.Image(1).updateMask(0.25)).mask())",
            '{"constant": 0.25}',
        ),
        Assumption(
            "Image.updateMask",
            "A fractional mask on a fractional mask: the lesser remains.",
            "at(ee.Image(1).updateMask(0.5).updateMask(0.25).mask())",
            '{"constant": 0.25}',
        ),
        Assumption(
            "Image.updateMask",
            "Values above 1 and below 0 are clamped.",
            "at(ee.Image(1).updateMask(1.65).mask())",
            '{"constant": 1.0}',
        ),
        Assumption(
            "Image.mosaic",
            "A pixel with any mask above 0 covers what is below, with its own mask.",
            (
                "at(ee.ImageCollection([ee.Image(10.0), ee.Image(20.0).updateMask(0.5)]).mosaic()"
                ".mask())"
            ),
            '{"constant": 0.5}',
        ),
        Assumption(
            "Image.blend",
            "Alpha-over: weights a and b (1 - a), the mask is their sum.",
            "at(ee.Image(10.0).blend(ee.Image(20.0).updateMask(0.5)))",
            '{"constant": 15.0}',
        ),
        Assumption(
            "Image.sqrt",
            "A result that is not a number is masked.",
            "at(ee.Image(-1).sqrt())",
            '{"constant": null}',
        ),
        Assumption(
            "Image.log",
            "The logarithm of 0 is valid.",
            "at(ee.Image(0).log())",
            '{"constant": "-Infinity"}',
        ),
        Assumption(
            "Image.mod",
            "The remainder of a division by zero is 0.",
            "at(ee.Image(5).mod(0))",
            '{"constant": 0}',
        ),
        Assumption(
            "Image.multiply",
            "An integer with a real constant is double.",
            "ee.Image(3).multiply(0.5).bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "double", "min": 1.5, "max": 1.5}}',
        ),
        Assumption(
            "Image.add",
            "Integer ranges widen and never wrap.",
            "ee.Image(200).byte().add(ee.Image(100).byte()).bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "int", "min": 0, "max": 510}}',
        ),
        Assumption(
            "Image.log",
            "Roots, logarithms and trigonometry are double.",
            "ee.Image(3).toFloat().log().bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "double"}}',
        ),
        Assumption(
            "Image.pow",
            "Float unless an operand is double.",
            "ee.Image(3).pow(2).bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "float"}}',
        ),
        Assumption(
            "Image.divide",
            "Double for integers, float for floats.",
            "ee.Image(3).toFloat().divide(ee.Image(2).toFloat()).bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "float"}}',
        ),
        Assumption(
            "Image.toInt",
            "Decimals are dropped, then the range clamps.",
            "at(ee.Image([0.5, 1.7, -1.7]).toInt())",
            '{"constant": 0, "constant_1": 1, "constant_2": -1}',
        ),
        Assumption(
            "Image.round",
            "Halves go up, on the negative side too.",
            "at(ee.Image(-2.5).round())",
            '{"constant": -2.0}',
        ),
        Assumption(
            "Image.convolve",
            "The kernel is not mirrored.",
            (
                "at(xy.select('x').convolve(ee.Kernel.fixed(3, 3, [[0, 0, 0], [0, 0, 1], [0, 0, "
                "0]])).subtract(xy.select('x')))"
            ),
            '{"x": 1.0}',
        ),
        Assumption(
            "Image.convolve",
            "Masked neighbours count as 0; the output is masked where the centre is.",
            (
                "at(ee.Image(1.0).updateMask(xy.select('x').mod(2).Not()).convolve(ee.Kernel"
                ".square(1)).unmask(-1, False))"
            ),
            '{"constant": 0.3333333333333333}',
        ),
        Assumption(
            "Image.reduceNeighborhood",
            "Masked neighbours are left out.",
            (
                "at(ee.Image(1.0).updateMask(xy.select('x').mod(2)).reduceNeighborhood(ee.Reducer"
                ".mean(), ee.Kernel.square(1), skipMasked=False))"
            ),
            '{"constant_mean": 1.0}',
        ),
        Assumption(
            "Image.reduceNeighborhood",
            "Kernel values weight a sum: under a normalised kernel it is a mean.",
            "at(ee.Image(3).reduceNeighborhood(ee.Reducer.sum(), ee.Kernel.square(1)))",
            '{"constant_sum": 3.0}',
        ),
        Assumption(
            "Image.neighborhoodToBands",
            "Rows from the top, each from the left; y grows downwards.",
            "at(xy.select('y').neighborhoodToBands(ee.Kernel.plus(1)).subtract(xy.select('y')))",
            '{"y_-1_0": 0.0, "y_0_-1": -1.0, "y_0_0": 0.0, "y_0_1": 1.0, "y_1_0": 0.0}',
        ),
        Assumption(
            "Image.fastDistanceTransform",
            "Beyond the neighbourhood: (neighbourhood + 1) squared.",
            "at(ee.Image(0).fastDistanceTransform(5))",
            '{"distance": 36.0}',
        ),
        Assumption(
            "Image.gradient",
            "Change per metre, x to the east and y to the north.",
            "at(xy.select('y').gradient())",
            '{"x": 0.0, "y": 0.1}',
        ),
        Assumption(
            "Terrain.slope",
            "Degrees, from the four neighbours.",
            "at(ee.Terrain.slope(xy.select('x').multiply(10)))",
            '{"slope": 45.0}',
        ),
        Assumption(
            "Terrain.aspect",
            "Flat ground faces north.",
            "at(ee.Terrain.aspect(ee.Image(100).reproject('EPSG:32632', None, 10)))",
            '{"aspect": 0.0}',
        ),
        Assumption(
            "Image.resample",
            "Without effect on composites of 1 degree.",
            (
                "at(ee.Image.pixelCoordinates(ee.Projection('EPSG:32632').atScale(100))"
                ".setDefaultProjection('EPSG:4326').resample('bilinear').select('x').multiply(0))"
            ),
            '{"x": 0.0}',
        ),
        Assumption(
            "Image.reduceRegion",
            "Means weight by the covered part, in steps of 1/255.",
            (
                "ee.Image(1).reduceRegion(ee.Reducer.sum(), ee.Geometry.Rectangle([500000, "
                "5500000, 500015, 5500010], 'EPSG:32632', False), 10, 'EPSG:32632')"
            ),
            '{"constant": 1.501960813999176}',
        ),
        Assumption(
            "Image.reduceRegion",
            "Counts take whole pixels by their centre.",
            (
                "ee.Image(1).reduceRegion(ee.Reducer.count(), ee.Geometry.Rectangle([500000, "
                "5500000, 500014, 5500010], 'EPSG:32632', False), 10, 'EPSG:32632')"
            ),
            '{"constant": 1}',
        ),
        Assumption(
            "Image.pixelArea",
            "WGS84 ellipsoid.",
            (
                "ee.Image.pixelArea().reduceRegion(ee.Reducer.first(), ee.Geometry.Point([91.5, "
                "33]), 30, 'EPSG:4326')"
            ),
            '{"area": 752.7369840719253}',
        ),
        Assumption(
            "Image.visualize",
            "Rounded to the nearest of 256 steps.",
            "at(ee.Image(0.5).visualize(min=0, max=1))",
            '{"vis-gray": 128}',
        ),
        Assumption(
            "Image.visualize",
            "Colours are linear between palette entries.",
            "at(ee.Image(0.25).visualize(min=0, max=1, palette=['000000', 'ff0000', 'ffffff']))",
            '{"vis-blue": 0, "vis-green": 0, "vis-red": 128}',
        ),
        Assumption(
            "Collection.style",
            "The size of a point is the radius of its marker, in pixels; edges are smoothed.",
            (
                "ee.FeatureCollection([ee.Feature(ee.Geometry.Point([0, 0]))])"
                ".style(pointSize=5, width=0).select(0).reduceRegion(ee.Reducer.count(), "
                "ee.Geometry.Rectangle([-20, -20, 20, 20], 'EPSG:3857', False), 1, 'EPSG:3857')"
            ),
            '{"vis-red": 88}',
        ),
        Assumption(
            "Collection.style",
            "Half of an outline lies inside, half outside; its corners are round.",
            (
                "ee.Number(ee.FeatureCollection([ee.Feature(ee.Geometry.Rectangle("
                "[-10, -10, 10, 10], 'EPSG:3857', False))]).style(color='ff0000', width=4, "
                "fillColor='0000ff').select(0).gt(128).reduceRegion(ee.Reducer.sum(), "
                "ee.Geometry.Rectangle([-20, -20, 20, 20], 'EPSG:3857', False), 1, 'EPSG:3857')"
                ".get('vis-red')).round()"
            ),
            "317",
        ),
        Assumption(
            "Image.projection",
            "The left operand gives the default projection.",
            "ee.Image(1).add(ee.Image(1).reproject('EPSG:32632', None, 10)).projection()",
            (
                '{"type": "Projection", "crs": "EPSG:4326", "transform": [1.0, 0.0, 0.0, 0.0, 1.0, '
                "0.0]}"
            ),
        ),
        Assumption(
            "ImageCollection.mosaic",
            "A collection of one image loses its projection too.",
            (
                "ee.ImageCollection([ee.Image(1).reproject('EPSG:32632', None, 10)]).mosaic()"
                ".projection()"
            ),
            (
                '{"type": "Projection", "crs": "EPSG:4326", "transform": [1.0, 0.0, 0.0, 0.0, 1.0, '
                "0.0]}"
            ),
        ),
        Assumption(
            "Image.where",
            "The result keeps the type that holds both.",
            "ee.Image(1).where(ee.Image(0), ee.Image(0.5)).bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "double", "min": 0.5, "max": 1}}',
        ),
        Assumption(
            "Image.remap",
            "A value that is not in the table is masked.",
            "at(ee.Image(5).remap([1, 2], [10, 20]))",
            '{"remapped": null}',
        ),
        Assumption(
            "Image.arrayGet",
            "A position outside of the array masks the pixel.",
            "at(ee.Image([1, 2]).toArray().arrayGet(5))",
            '{"array": null}',
        ),
        Assumption(
            "Image.arraySort",
            "Elements with equal keys keep their order.",
            "at(ee.Image([1, 2, 3]).toArray().arraySort(ee.Image([1, 0, 1]).toArray()))",
            '{"array": [2, 1, 3]}',
        ),
        Assumption(
            "Image.arrayProject",
            "Dropping an axis of length 0 masks the pixel.",
            "at(ee.Image([1, 2]).toArray().toArray(1).arraySlice(1, 5).arrayProject([0]))",
            '{"array": null}',
        ),
        Assumption(
            "Image.arrayReduce",
            "A pixel is masked if a reduction in it has no result.",
            ("at(ee.Image([1, 2]).toArray().arraySlice(0, 5).arrayReduce(ee.Reducer.mean(), [0]))"),
            '{"array": null}',
        ),
        Assumption(
            "Image.matrixInverse",
            "A singular matrix masks the pixel.",
            "at(ee.Image(ee.Array([[1, 2], [2, 4]])).matrixInverse())",
            '{"constant": null}',
        ),
        Assumption(
            "Image.matrixSolve",
            "Equations without one solution mask the pixel.",
            (
                "at(ee.Image(ee.Array([[1, 2], [2, 4]])).matrixSolve(ee.Image(ee.Array([[1], "
                "[1]]))))"
            ),
            '{"constant": null}',
        ),
        Assumption(
            "Image.matrixMultiply",
            "Matrix functions yield doubles.",
            "ee.Image(ee.Array([[1]])).matrixMultiply(ee.Image(ee.Array([[2]]))).bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "double", "dimensions": 2}}',
        ),
        Assumption(
            "Image.sqrt",
            "An array with an element that is not a number masks the pixel.",
            "at(ee.Image([1, -1]).toArray().sqrt())",
            '{"array": null}',
        ),
        Assumption(
            "ImageCollection.toArray",
            "A pixel without a valid image is masked.",
            "at(ee.ImageCollection([ee.Image(1).updateMask(0)]).toArray())",
            '{"array": null}',
        ),
        Assumption(
            "Classifier.smileRandomForest",
            (
                "In PROBABILITY mode the chance of the larger of two classes, or of the "
                "likeliest of several."
            ),
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': x, 'c': c}) for x, c in [(0, "
                "0), (1, 0), (8, 1), (9, 1)]]).classify(ee.Classifier.smileRandomForest(10, "
                "bagFraction=1).train(ee.FeatureCollection([ee.Feature(None, {'x': x, 'c': "
                "c}) for x, c in [(0, 0), (1, 0), (8, 1), (9, 1)] * 9]), 'c', "
                "['x']).setOutputMode('PROBABILITY')).aggregate_array('classification')"
            ),
            "[0.0, 0.0, 1.0, 1.0]",
        ),
        Assumption(
            "Classifier.smileNaiveBayes",
            ("A multinomial model: rows with a negative input are left out of the training."),
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': 9, 'y': 1})]).classify(ee.Class"
                "ifier.smileNaiveBayes().train(ee.FeatureCollection([ee.Feature(None, {'x': "
                "x, 'y': y, 'c': c}) for x, y, c in [(9, 1, 0), (1, 9, 1), (-5, 1, 1)]]), "
                "'c', ['x', 'y'])).aggregate_array('classification')"
            ),
            "[0]",
        ),
        Assumption(
            "Classifier.minimumDistance",
            "Mahalanobis distances use each class's own covariance.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': 6})]).classify(ee.Classifier.mi"
                "nimumDistance('mahalanobis').train(ee.FeatureCollection([ee.Feature(None, "
                "{'x': x, 'c': c}) for x, c in [(-5, 0), (5, 0), (9, 1), (11, 1)]]), 'c', "
                "['x'])).aggregate_array('classification')"
            ),
            "[0]",
        ),
        Assumption(
            "Clusterer.wekaKMeans",
            "Inputs are scaled to their range in the training data.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'x': x, 'y': y}) for x, y in [(0, "
                "0), (0, 1), (900, 0), (900, 1)]]).cluster(ee.Clusterer.wekaKMeans(4, "
                "init=1).train(ee.FeatureCollection([ee.Feature(None, {'x': x, 'y': y}) for "
                "x, y in [(0, 0), (0, 1), (900, 0), (900, 1)]]), ['x', "
                "'y'])).aggregate_array('cluster').distinct().size()"
            ),
            "4",
        ),
        Assumption(
            "Image.connectedComponents",
            ("The labels are one more band, which alone is masked where objects are too large."),
            "ee.Image(1).connectedComponents(ee.Kernel.plus(1), 8).bandNames()",
            '["constant", "labels"]',
        ),
        Assumption(
            "Image.connectedComponents",
            "An object of exactly maxSize pixels is labelled.",
            (
                "at(xy.select('x').connectedComponents(ee.Kernel.fixed(3, 1, [[1, 1, 1]]), "
                "1).select('labels').mask())"
            ),
            '{"labels": 1.0}',
        ),
        Assumption(
            "Image.reduceConnectedComponents",
            "Bands keep their names under a reducer of one output.",
            (
                "ee.Image([1, 2]).reduceConnectedComponents(ee.Reducer.mean(), "
                "'constant').bandNames()"
            ),
            '["constant_1"]',
        ),
        Assumption(
            "Image.unmix",
            "Bands are named band_0, band_1 ...",
            "ee.Image([1, 2]).unmix([[1, 0], [0, 1]]).bandNames()",
            '["band_0", "band_1"]',
        ),
        Assumption(
            "Image.unmix",
            ("Under sumToOne the shares are the least-squares ones among those that sum to 1."),
            "at(ee.Image([3, 2]).unmix([[1, 0], [0, 1]], True).multiply(8).round())",
            '{"band_0": 8.0, "band_1": 0.0}',
        ),
        Assumption(
            "Image.entropy",
            "Masked neighbours are left out, as is a masked centre; the result is float.",
            "ee.Image(1).toInt().entropy(ee.Kernel.square(1)).bandTypes()",
            '{"constant": {"type": "PixelType", "precision": "float"}}',
        ),
        Assumption(
            "Collection.reduceToImage",
            (
                "Bands are named after the reducer's outputs; features without the property "
                "take no part."
            ),
            (
                "ee.FeatureCollection([ee.Feature(ee.Geometry.Point([10, 50]), {'a': "
                "3})]).reduceToImage(['a'], ee.Reducer.minMax()).bandNames()"
            ),
            '["min", "max"]',
        ),
    ),
)
