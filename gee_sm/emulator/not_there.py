"""Functions that the emulator does not have: why, and what to use instead."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NOT_THERE", "NotThere", "reason_for"]


@dataclass(frozen=True)
class NotThere:
    """Functions that are missing for one reason.

    Attributes
    ----------
    names : tuple of str
        Their official names.
    why : str
        What keeps them out, as a clause.
    instead : str
        What serves the purpose, as an imperative; empty where nothing does.
    """

    names: tuple[str, ...]
    why: str
    instead: str = ""


NOT_THERE = (
    NotThere(
        (
            "Model.fromAiPlatformPredictor",
            "Model.fromVertexAi",
            "Model.predictImage",
            "Model.predictProperties",
        ),
        "it asks a model that Google hosts",
        "pull the pixels with computePixels and predict on this machine",
    ),
    NotThere(
        ("FeatureCollection.loadBigQueryTable", "FeatureCollection.runBigQuery"),
        "it asks Google's BigQuery",
        "upload the table as an asset and load it with ee.FeatureCollection(id)",
    ),
    NotThere(
        ("Image.loadMosaic",),
        "the form of its file is not public",
        "use Image.loadGeoTIFF, or make a catalog with gee_sm.emulator.catalog.CatalogWriter",
    ),
    NotThere(
        ("Profile.getProfiles",),
        "it measures the time and memory of Google's machines",
        "measure the time on this machine, without profilePrinting",
    ),
    NotThere(
        ("Reducer.histogramCombiner",),
        "nothing public says what it puts out",
        "use Reducer.histogram",
    ),
    NotThere(
        ("SelectorSet", "SelectorSet.Geometry", "SelectorSet.Object", "SelectorSet.Simple"),
        "it is an inner value of the service",
        "use FeatureCollection.select",
    ),
    NotThere(
        (
            "Image.loadZarrV2Array",
            "ImageCollection.loadZarrV2Array",
        ),
        "the emulator reads GeoTIFF only",
        "make the array an image of the catalog with gee_sm.emulator.catalog.CatalogWriter",
    ),
    NotThere(
        (
            "TemporalSegmentation.LandTrendr",
            "TemporalSegmentation.LandTrendrFit",
            "TemporalSegmentation.Ccdc",
            "TemporalSegmentation.Ewmacd",
            "TemporalSegmentation.Verdet",
            "TemporalSegmentation.VCT",
            "TemporalSegmentation.C2c",
            "CcdcCoefficients",
        ),
        "its papers leave choices open on which the segments hang, and there is no recorded result "
        "to settle them",
        "fit Reducer.linearRegression to toArray() of the series, or pull the series",
    ),
    NotThere(
        ("Classifier.amnhMaxent",),
        "it has not been written yet",
        "use Classifier.smileRandomForest in the output mode PROBABILITY",
    ),
    NotThere(
        ("ImageCollection.formaTrend",),
        "which window its short-term trend and which form of Hansen's test it takes is not public",
        "reduce the series with Reducer.linearFit, and windows of it with Reducer.min",
    ),
    NotThere(
        ("Image.displacement", "Image.register"),
        "how its rubber sheet is fitted is not public",
        "find shifts with ee.Algorithms.CrossCorrelation and apply them with Image.displace",
    ),
    NotThere(
        ("HoughTransform",),
        "its steps of angle and distance and its smoothing are not public",
        "use ee.Algorithms.CannyEdgeDetector and join its edges with connectedComponents",
    ),
    NotThere(
        ("FMask.matchClouds",),
        "how clouds are matched with shadows in it is not public",
        "use masks of the data set's own quality band",
    ),
    NotThere(
        ("FeatureCollection.inverseDistance",),
        "what its mean, stdDev and gamma do to the weights is not public",
        "use FeatureCollection.kriging",
    ),
    NotThere(
        (
            "Feature.hersDescriptor",
            "Image.hersDescriptor",
            "Image.hersFeature",
            "Image.hersImage",
        ),
        "its buckets and peak width are not described",
    ),
    NotThere(
        ("Clusterer.wekaCobweb", "Clusterer.wekaLVQ"),
        "its clusters hang on the order of the examples in Weka's own code",
        "use Clusterer.wekaKMeans, wekaXMeans or wekaCascadeKMeans",
    ),
    NotThere(
        ("Image.Segmentation.GMeans",),
        "its normality test and the scale of its pValue are not described",
        "use ee.Algorithms.Image.Segmentation.KMeans or SNIC",
    ),
    NotThere(
        (
            "Geometry.fromS2LatLng",
            "Geometry.fromS2LatLngRect",
            "Geometry.fromS2Point",
            "Geometry.fromS2Polygon",
            "Geometry.fromS2Polyline",
            "Geometry.fromSTGeography",
        ),
        "it takes an encoded object whose form no public page describes",
        "give GeoJSON to ee.Geometry, or a cell to ee.Geometry.fromS2CellId",
    ),
    NotThere(
        (
            "Classifier.pegasos",
            "Classifier.perceptron",
            "Classifier.winnow",
        ),
        "it was withdrawn from the reference years ago",
        "use Classifier.libsvm",
    ),
    NotThere(
        ("Classifier.randomForest",),
        "it was withdrawn from the reference years ago",
        "use Classifier.smileRandomForest",
    ),
    NotThere(
        ("Classifier.svm",),
        "it was withdrawn from the reference years ago",
        "use Classifier.libsvm",
    ),
    NotThere(
        ("Window.max", "Window.mean", "Window.median", "Window.min", "Window.mode"),
        "no public method reaches it",
        "use Image.focalMax, focalMean, focalMedian, focalMin, focalMode",
    ),
    NotThere(
        ("S1.dB",),
        "how the service stores counts is not public",
        "load COPERNICUS/S1_GRD, which is in decibels",
    ),
)


def reason_for(name: str) -> str:
    """Return why a function is not there and what to use instead, or an empty text.

    Examples
    --------
    >>> reason_for("HoughTransform")[:52]
    'Its steps of angle and distance and its smoothing ar'
    >>> reason_for("Number.add")
    ''
    """
    for group in NOT_THERE:
        if name in group.names:
            instead = f"; {group.instead}" if group.instead else ""
            return f"{group.why[0].upper()}{group.why[1:]}{instead}."
    return ""
