"""What the emulator assumes of texture, distances, costs, edges and spectra."""

from __future__ import annotations

from gee_sm.emulator.assumptions.assumption import Assumption, Section

TEXTURE = Section(
    "Texture, distances and spectra",
    "Assumptions about what is computed from the pixels around a pixel, or from all its bands.",
    (
        Assumption(
            "Image.glcmTexture",
            (
                "Co-occurrences are counted in both orders, inside the window only, and "
                "entropies are in nats: nine different pixels give log 12 for the horizontal "
                "pairs."
            ),
            (
                "at(xy.select('x').multiply(3).add(xy.select('y')).toInt32().rename('n')."
                "glcmTexture(1, ee.Kernel.fixed(3, 3, [[0, 0, 0], [1, 0, 0], [0, 0, 0]])).select("
                "'n_ent'))"
            ),
            '{"n_ent": 2.484906649788001}',
        ),
        Assumption(
            "Image.glcmTexture",
            "Without averaging the offset is added to the name.",
            (
                "ee.Image(1).byte().glcmTexture(1, ee.Kernel.fixed(3, 1, [[1, 0, 1]]), False)."
                "bandNames().slice(0, 2)"
            ),
            '["constant_asm_-1_0", "constant_contrast_-1_0"]',
        ),
        Assumption(
            "Image.glcmTexture",
            "The sum variance is taken about the sum average.",
            "at(xy.select('x').mod(2).toInt32().rename('n').glcmTexture(1).select('n_svar'))",
            '{"n_svar": 0.22222222222222224}',
        ),
        Assumption(
            "Image.glcmTexture",
            "The correlation of equal pixels is 0.",
            "at(ee.Image(7).byte().glcmTexture().select('constant_corr'))",
            '{"constant_corr": 0.0}',
        ),
        Assumption(
            "Image.glcmTexture",
            "The maximal correlation coefficient, which is not computed, is 0.",
            "at(ee.Image(7).byte().glcmTexture().select('constant_maxcorr'))",
            '{"constant_maxcorr": 0.0}',
        ),
        Assumption(
            "Image.directionalDistanceTransform",
            "Angles turn counter-clockwise from the right; the distance is in pixels.",
            "at(xy.select('y').mod(8).eq(0).directionalDistanceTransform(90, 10))",
            '{"distance": 6.0}',
        ),
        Assumption(
            "Image.directionalDistanceTransform",
            "Where nothing is met the result is masked.",
            "at(ee.Image(0).directionalDistanceTransform(90, 3))",
            '{"distance": null}',
        ),
        Assumption(
            "Image.rsedTransform",
            "The band is called distance and keeps its unit, squared pixels.",
            "ee.Image(4).rsedTransform(3).bandNames()",
            '["distance"]',
        ),
        Assumption(
            "Image.medialAxis",
            (
                "The first band holds distances, not their squares; labels are columns to the "
                "right and rows down."
            ),
            "at(xy.select('x').mod(7).eq(0).medialAxis(8))",
            '{"coverage": 3, "medial": 3.0, "xlabel": 0, "ylabel": 0}',
        ),
        Assumption(
            "Image.cumulativeCost",
            "A step costs the mean of two pixels times the metres between their centres.",
            "at(ee.Image(2.0).cumulativeCost(xy.select('x').mod(4).eq(0), 100, False))",
            '{"cumulative_cost": 40.0}',
        ),
        Assumption(
            "Image.cumulativeCost",
            "With several cost bands each keeps its name.",
            "ee.Image([1, 2]).rename(['a', 'b']).cumulativeCost(ee.Image(0), 100).bandNames()",
            '["a", "b"]',
        ),
        Assumption(
            "Image.spectralDistance",
            (
                "The earth mover's distance adds up what is carried from band to band, without "
                "making the spectra equal first."
            ),
            "at(ee.Image([1, 5, 2]).spectralDistance(ee.Image([4, 1, 1]), 'emd'))",
            '{"distance": 6.0}',
        ),
        Assumption(
            "Image.spectralDistance",
            "The spectral angle is in radians.",
            "at(ee.Image([1, 0]).spectralDistance(ee.Image([1, 1])))",
            '{"distance": 0.7853981633974484}',
        ),
        Assumption(
            "Image.spectralGradient",
            "The gradient is the distance between the dilation's and the erosion's spectrum.",
            "at(xy.select('x').mod(3).addBands(ee.Image(1)).spectralGradient('sed'))",
            '{"gradient": 1.0}',
        ),
        Assumption(
            "Image.spectralErosion",
            "The result is the spectrum of the nearest pixel under the kernel, not its distance.",
            "ee.Image([1, 2]).rename(['a', 'b']).spectralErosion().bandNames()",
            '["a", "b"]',
        ),
        Assumption(
            "CannyEdgeDetector",
            (
                "Gradients are half differences of the left and right, upper and lower "
                "neighbours; there is no hysteresis."
            ),
            "at(ee.Algorithms.CannyEdgeDetector(xy.select('x').mod(5).gte(1).multiply(8), 1, 0))",
            '{"x": 4.0}',
        ),
        Assumption(
            "Image.bitsToArrayImage",
            "The lowest bit comes first.",
            "at(ee.Image(6).bitsToArrayImage())",
            '{"constant": [0, 1, 1]}',
        ),
        Assumption(
            "Image.randomVisualizer",
            "Colours are a hash of the value; they cannot match the service's.",
            "ee.Image(1).randomVisualizer().bandNames()",
            '["viz-red", "viz-green", "viz-blue", "constant"]',
        ),
    ),
)
