"""Public functions that the emulator does not have: why, and what does instead.

A name may be a function or a whole class. What has been implemented since is not looked up here.
"""

from __future__ import annotations

_SEGMENTATION = (
    "public pages describe the segmentation in outline only; pull the series and run its authors' "
    "code, or take Reducer.linearFit, sensSlope or kendallsCorrelation for a trend"
)
_CLUSTERING = "Weka's own; Clusterer.wekaKMeans is there"
_MODEL = "it asks a model hosted by Google; Classifier.* learn and predict in the emulator"
_HERS = "its buckets and peak width are not described; Image.glcmTexture measures texture"
_BIGQUERY = "it asks another service of Google; upload the table, or make it of ee.Feature"
_CLOUD = "it reads a file in Cloud Storage directly; put the raster into the catalog, or upload it"
_REGISTER = "its search is not described; register images before they enter the catalog"
_BLOB = "it reads an object of Cloud Storage; read the file in Python and pass what is in it"

ABSENT = {
    "Blob": _BLOB,
    "Classifier.amnhMaxent": "a port of the Maxent program; Classifier.gmoMaxEnt is there",
    "Clusterer.wekaCascadeKMeans": _CLUSTERING,
    "Clusterer.wekaCobweb": _CLUSTERING,
    "Clusterer.wekaLVQ": _CLUSTERING,
    "Clusterer.wekaXMeans": _CLUSTERING,
    "FMask.matchClouds": "how clouds and shadows are matched is not described; use a mask band",
    "Feature.hersDescriptor": _HERS,
    "FeatureCollection.inverseDistance": (
        "how it draws towards the mean is not described; FeatureCollection.kriging interpolates"
    ),
    "FeatureCollection.loadBigQueryTable": _BIGQUERY,
    "FeatureCollection.runBigQuery": _BIGQUERY,
    "HoughTransform": "how it votes tile by tile is not described; use a library on pulled pixels",
    "Image.Segmentation.GMeans": (
        "its test for normality is not described; Image.Segmentation.KMeans is there"
    ),
    "Image.displacement": _REGISTER,
    "Image.hersDescriptor": _HERS,
    "Image.hersFeature": _HERS,
    "Image.hersImage": _HERS,
    "Image.loadGeoTIFF": _CLOUD,
    "Image.loadZarrV2Array": _CLOUD,
    "Image.register": _REGISTER,
    "Image.sldStyle": "styles as XML; Image.visualize takes palettes, Collection.style draws",
    "ImageCollection.formaTrend": (
        "its tests are described by name only; Reducer.linearFit gives the long trend"
    ),
    "ImageCollection.loadZarrV2Array": _CLOUD,
    "Model": _MODEL,
    "TemporalSegmentation": _SEGMENTATION,
}


def reason(function: str) -> str:
    """Return why a function is not there, empty where nothing is said."""
    return ABSENT.get(function) or ABSENT.get(function.partition(".")[0], "")
