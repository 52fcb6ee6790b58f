"""What the emulator assumes of segments, terrain, fields, satellites and given classifiers."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

ALGORITHMS = Section(
    "Algorithms",
    "Assumptions about segments, displacements, terrain, fields, satellites and given classifiers.",
    (
        Assumption(
            "Image.displace",
            "The displacement is added to the place that is read; Y grows to the north.",
            (
                "at(xy.select('x').displace(ee.Image([20, 0]).setDefaultProjection('EPSG:32632', "
                "None, 10), 'nearest_neighbor', 30).subtract(xy.select('x')))"
            ),
            '{"x": 2.0}',
        ),
        Assumption(
            "CrossCorrelation",
            "Shifts are in pixels, right and down, and the nearest of equally good ones is taken.",
            "ee.Algorithms.CrossCorrelation(ee.Image(1), ee.Image(1), 1, 3).bandNames()",
            '["deltaX", "deltaY", "deltaDist", "correlation"]',
        ),
        Assumption(
            "CrossCorrelation",
            "The correlation of constant windows is 0.",
            (
                "at(ee.Algorithms.CrossCorrelation(ee.Image(1), ee.Image(1), 1, 3).select("
                "'correlation'))"
            ),
            '{"correlation": 0.0}',
        ),
        Assumption(
            "Image.Segmentation.seedGrid",
            "Seeds stand in the middle of squares counted from the lattice's origin.",
            "at(ee.Algorithms.Image.Segmentation.seedGrid(1))",
            '{"seeds": 1}',
        ),
        Assumption(
            "Image.Segmentation.SNIC",
            "The means of the bands are doubles named after them; seeds are a band.",
            "ee.Algorithms.Image.Segmentation.SNIC(ee.Image(1).rename('a')).bandNames()",
            '["clusters", "a_mean", "seeds"]',
        ),
        Assumption(
            "Image.Segmentation.KMeans",
            "The only band is called clusters; masked pixels, fractions too, belong to none.",
            "at(ee.Algorithms.Image.Segmentation.KMeans(ee.Image(1).updateMask(0.5)))",
            '{"clusters": null}',
        ),
        Assumption(
            "Terrain.hillShadow",
            (
                "Heights are compared at the nearest pixels along the ray, up to the "
                "neighbourhood's pixels."
            ),
            "at(ee.Terrain.hillShadow(xy.select('x').mod(5).eq(0).multiply(50), 90, 45, 6))",
            '{"shadow": 0}',
        ),
        Assumption(
            "Terrain.hillShadow",
            "A neighbourhood of 0 casts no shadow.",
            "at(ee.Terrain.hillShadow(xy.select('x').mod(5).eq(0).multiply(50), 90, 45))",
            '{"shadow": 1}',
        ),
        Assumption(
            "Terrain.fillMinima",
            "Hollows are filled to the lowest point of their rim, over corners too.",
            (
                "at(ee.Terrain.fillMinima(xy.select('x').mod(4).min(xy.select('y').mod(4))."
                "multiply(-1).add(9).toInt32(), None, 30))"
            ),
            '{"x": 9}',
        ),
        Assumption(
            "Collection.distance",
            (
                "Distances are on a sphere of 6,367 km; the inside of a polygon has a distance "
                "to its edge."
            ),
            "at(ee.FeatureCollection([ee.Geometry.Point([10.01, 50])]).distance(5000))",
            '{"distance": 715.8214803107389}',
        ),
        Assumption(
            "FeatureCollection.kriging",
            "Ordinary kriging: the weights sum to 1, and the sill holds the nugget.",
            (
                "at(ee.FeatureCollection([ee.Feature(ee.Geometry.Point([10.0, 50.001]), {'v': "
                "1}), ee.Feature(ee.Geometry.Point([10.0, 49.998]), {'v': 4})]).kriging('v', "
                "'exponential', 1000, 2, 0.5))"
            ),
            '{"estimate": 2.2118820868974547}',
        ),
        Assumption(
            "FeatureCollection.kriging",
            (
                "The range of the exponential and the Gaussian is the practical one, at 95 % of "
                "the sill."
            ),
            (
                "at(ee.FeatureCollection([ee.Feature(ee.Geometry.Point([10.0, 50.001]), {'v': "
                "1}), ee.Feature(ee.Geometry.Point([10.0, 49.998]), {'v': 4})]).kriging('v', "
                "'gaussian', 1000, 2, 0.5))"
            ),
            '{"estimate": 2.274462265275927}',
        ),
        Assumption(
            "Landsat.simpleCloudScore",
            (
                "Of blue, visible and infrared brightness, coldness and lack of snow the least "
                "counts; the score is cut to a whole number."
            ),
            (
                "at(ee.Algorithms.Landsat.simpleCloudScore(ee.Image([0.25, 0.25, 0.25, 0.3, 0.2, "
                "0.2, 291]).rename(['B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B10']).set("
                "'SPACECRAFT_ID', 'LANDSAT_8')).select('cloud'))"
            ),
            '{"cloud": 75}',
        ),
        Assumption(
            "Landsat.TOA",
            "Bands that are not numbered, of quality, stay as they are.",
            "at(ee.Algorithms.Landsat.TOA(ee.Image(5).rename('QA_PIXEL')))",
            '{"QA_PIXEL": 5}',
        ),
        Assumption(
            "Landsat.pathRowLimit",
            "Scenes with the least CLOUD_COVER are kept, in that order.",
            (
                "ee.Algorithms.Landsat.pathRowLimit(ee.ImageCollection([ee.Image(1).set("
                "'CLOUD_COVER', 30), ee.Image(1).set('CLOUD_COVER', 10)]), 1).aggregate_array("
                "'CLOUD_COVER')"
            ),
            "[10]",
        ),
        Assumption(
            "Classifier.decisionTree",
            "A condition holds as it is written; the third number of a node is its value.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'a': 2}), ee.Feature(None, {'a': 1."
                "9})]).classify(ee.Classifier.decisionTree('1) root 9 9 9\\n2) a< 2 5 0 3 *\\n3) "
                "a>=2 4 0 7 *')).aggregate_array('classification')"
            ),
            "[7, 3]",
        ),
        Assumption(
            "Classifier.decisionTreeEnsemble",
            "Of classes with as many votes the smallest is taken.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'a': 2})]).classify(ee.Classifier."
                "decisionTreeEnsemble(['1) root 9 9 8 *', '1) root 9 9 5 *'])).aggregate_array("
                "'classification')"
            ),
            "[5]",
        ),
        Assumption(
            "Classifier.spectralRegion",
            "Of points on edges those on left and lower ones are inside.",
            (
                "ee.FeatureCollection([ee.Feature(None, {'u': 0, 'v': 0}), ee.Feature(None, "
                "{'u': 1, 'v': 1})]).classify(ee.Classifier.spectralRegion([[0, 0, 1, 0, 1, 1, 0,"
                " 1]])).aggregate_array('classification')"
            ),
            "[1, 0]",
        ),
        Assumption(
            "Image.where",
            "A number in place of an array fills it; an array cannot take the place of a number.",
            "at(ee.Image(ee.Array([1, 2])).where(1, 5))",
            '{"constant": [5, 5]}',
        ),
        Assumption(
            "Image.unmask",
            "An array band takes arrays only, which may have other lengths.",
            "ee.Image(ee.Array([1, 2])).unmask(0).bandNames()",
            (
                "error: Image.unmask: Band 'constant' has 1 array dimensions, the value 0: give "
                "arrays, such as ee.Image(ee.Array([0]))."
            ),
        ),
        Assumption(
            "TemporalSegmentation.StructuralChangeBreakpoints",
            (
                "The number of breaks has the least Bayesian information criterion, as "
                "strucchange counts it, and at most as many as leave room for one more segment."
            ),
            (
                "at(ee.Algorithms.TemporalSegmentation.StructuralChangeBreakpoints(ee."
                "ImageCollection([ee.Image((v > 10) * 9 + v % 2).set('system:time_start', 864e5 "
                "* v) for v in [1, 2, 3, 4, 15, 17, 16, 18, 19, 21]]), None, 0, 3).select("
                "'tEnd').multiply(36525).round())"
            ),
            '{"tEnd": [400.0, 2100.0]}',
        ),
        Assumption(
            "Classifier.train",
            "A computed value of more than 100 MB is too large, training data as any other.",
            "ee.List.repeat(ee.List.repeat(0, 10000), 2000).size()",
            "error: List.repeat: Computed value is too large.",
        ),
        Assumption(
            "ProjectionTransform",
            "Properties are kept.",
            (
                "ee.Feature(ee.Algorithms.ProjectionTransform(ee.Feature(ee.Geometry.Point([9, "
                "0]), {'a': 1}), 'EPSG:32632', 1)).toDictionary()"
            ),
            '{"a": 1}',
        ),
        Assumption(
            "Describe",
            "A description is what getInfo shows, as a dictionary.",
            (
                "ee.Dictionary(ee.Algorithms.Describe(ee.Projection('EPSG:32632').atScale(10)))."
                "get('transform')"
            ),
            "[10.0, 0.0, 0.0, 0.0, 10.0, 0.0]",
        ),
    ),
)
