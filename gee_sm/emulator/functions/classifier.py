"""Classifier.*: learning classes or values from examples, and predicting them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from gee_sm.emulator.errors import EarthEngineError
from gee_sm.emulator.pixels.source import Masking
from gee_sm.emulator.pixels.tile import Tile, empty, intersect
from gee_sm.emulator.registry import implements
from gee_sm.emulator.values.array import Array
from gee_sm.emulator.values.classifier import (
    Classifier,
    MinimumDistance,
    MultinomialBayes,
    NearestNeighbours,
    OneClass,
    members_of,
)
from gee_sm.emulator.values.collection import Collection
from gee_sm.emulator.values.confusion_matrix import ConfusionMatrix, error_matrix
from gee_sm.emulator.values.feature import Feature
from gee_sm.emulator.values.image import Band, Image
from gee_sm.emulator.values.pixel_type import DOUBLE, INT32, PixelType

_ALL = ("CLASSIFICATION", "REGRESSION", "PROBABILITY", "MULTIPROBABILITY", "RAW", "RAW_REGRESSION")
# scikit-learn takes seeds of 32 bits.
_SEEDS = 2**32
# More than there will be examples.
_MOST_LEAVES = 10**7
_CHANCES = ("CLASSIFICATION", "REGRESSION", "PROBABILITY", "MULTIPROBABILITY")

# -- constructors ---------------------------------------------------------------------------------


def _leaves(nodes: int | None) -> int | None:
    """Return the most leaves of a tree; scikit-learn reserves memory for all of them."""
    return None if nodes is None or nodes > _MOST_LEAVES else nodes


@implements("Classifier.smileRandomForest")
def random_forest(
    numberOfTrees: int,
    variablesPerSplit: int | None,
    minLeafPopulation: int,
    bagFraction: float,
    maxNodes: int | None,
    seed: int,
) -> Classifier:
    """Return an untrained random forest."""
    if numberOfTrees < 1:
        raise EarthEngineError(f"The number of trees must be positive, got {numberOfTrees}.")
    if not 0 < bagFraction <= 1:
        raise EarthEngineError(f"The bag fraction must lie in (0, 1], got {bagFraction}.")

    def make(mode: str, features: int) -> Any:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestRegressor if mode.endswith("REGRESSION") else RandomForestClassifier

        class Forest(kind):  # type: ignore[misc, valid-type]
            def raw(self, x: np.ndarray) -> np.ndarray:
                return members_of(self, x)

        return Forest(
            n_estimators=numberOfTrees,
            max_features=min(features, variablesPerSplit or math.ceil(math.sqrt(features))),
            min_samples_leaf=minLeafPopulation,
            max_samples=float(bagFraction),  # a whole 1 would mean one sample
            max_leaf_nodes=_leaves(maxNodes),
            random_state=seed % _SEEDS,
            n_jobs=1,
        )

    parameters = {
        "numberOfTrees": numberOfTrees,
        "variablesPerSplit": variablesPerSplit,
        "minLeafPopulation": minLeafPopulation,
        "bagFraction": bagFraction,
        "maxNodes": maxNodes,
        "seed": seed,
    }
    return Classifier("smileRandomForest", parameters, make, _ALL)


@implements("Classifier.smileCart")
def decision_tree(maxNodes: int | None, minLeafPopulation: int) -> Classifier:
    """Return an untrained decision tree."""

    def make(mode: str, features: int) -> Any:
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        kind = DecisionTreeRegressor if mode == "REGRESSION" else DecisionTreeClassifier
        return kind(
            max_leaf_nodes=_leaves(maxNodes), min_samples_leaf=minLeafPopulation, random_state=0
        )

    parameters = {"maxNodes": maxNodes, "minLeafPopulation": minLeafPopulation}
    return Classifier("smileCart", parameters, make, _CHANCES)


_LOSSES = {
    "LeastSquares": "squared_error",
    "LeastAbsoluteDeviation": "absolute_error",
    "Huber": "huber",
}


@implements("Classifier.smileGradientTreeBoost")
def gradient_boosting(
    numberOfTrees: int,
    shrinkage: float,
    samplingRate: float,
    maxNodes: int | None,
    loss: str,
    seed: int,
) -> Classifier:
    """Return untrained gradient boosted trees."""
    if loss not in _LOSSES:
        raise EarthEngineError(f"The loss must be one of {', '.join(_LOSSES)}, got '{loss}'.")

    def make(mode: str, features: int) -> Any:
        from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

        options = {
            "n_estimators": numberOfTrees,
            "learning_rate": shrinkage,
            "subsample": float(samplingRate),
            "max_leaf_nodes": _leaves(maxNodes),
            "max_depth": None,
            "random_state": seed % _SEEDS,
        }
        if mode == "REGRESSION":
            return GradientBoostingRegressor(loss=_LOSSES[loss], **options)
        return GradientBoostingClassifier(**options)

    parameters = {
        "numberOfTrees": numberOfTrees,
        "shrinkage": shrinkage,
        "samplingRate": samplingRate,
        "maxNodes": maxNodes,
        "loss": loss,
        "seed": seed,
    }
    return Classifier("smileGradientTreeBoost", parameters, make, _CHANCES)


_SVM_KERNELS = {"LINEAR": "linear", "POLY": "poly", "RBF": "rbf", "SIGMOID": "sigmoid"}


@implements("Classifier.libsvm")
def support_vector_machine(
    decisionProcedure: str,
    svmType: str,
    kernelType: str,
    shrinking: bool,
    degree: int | None,
    gamma: float | None,
    coef0: float | None,
    cost: float | None,
    nu: float | None,
    terminationEpsilon: float | None,
    lossEpsilon: float | None,
    oneClass: int | None,
) -> Classifier:
    """Return an untrained support vector machine."""
    if kernelType not in _SVM_KERNELS:
        raise EarthEngineError(
            f"The kernel must be one of {', '.join(_SVM_KERNELS)}, got '{kernelType}'."
        )
    options: dict[str, Any] = {
        "kernel": _SVM_KERNELS[kernelType],
        "degree": 3 if degree is None else degree,
        "gamma": "auto" if gamma is None else gamma,
        "coef0": 0.0 if coef0 is None else coef0,
        "shrinking": shrinking,
    }
    if terminationEpsilon is not None:
        options["tol"] = terminationEpsilon
    price = {"C": 1.0 if cost is None else cost}
    share = {"nu": 0.5 if nu is None else nu}
    loss = {"epsilon": 0.1 if lossEpsilon is None else lossEpsilon}
    extra = {
        "C_SVC": price,
        "NU_SVC": share,
        "EPSILON_SVR": {**price, **loss},
        "NU_SVR": {**price, **share},
        "ONE_CLASS": share,
    }
    if svmType not in extra:
        raise EarthEngineError(f"The type must be one of {', '.join(extra)}, got '{svmType}'.")
    regression = svmType.endswith("SVR")

    def make(mode: str, features: int) -> Any:
        from sklearn import svm

        if svmType == "ONE_CLASS":
            return OneClass(svm.OneClassSVM(**options, **share), oneClass or 0)
        if regression:
            kind = svm.SVR if svmType == "EPSILON_SVR" else svm.NuSVR
            return kind(**options, **extra[svmType])
        kind = svm.SVC if svmType == "C_SVC" else svm.NuSVC
        shape = "ovo" if decisionProcedure == "Voting" else "ovr"
        machine = kind(**options, **extra[svmType], decision_function_shape=shape)
        if mode.endswith("PROBABILITY"):
            from sklearn.calibration import CalibratedClassifierCV

            return CalibratedClassifierCV(machine, ensemble=False)
        return machine

    parameters = {
        "decisionProcedure": decisionProcedure,
        "svmType": svmType,
        "kernelType": kernelType,
        "shrinking": shrinking,
        "degree": degree,
        "gamma": gamma,
        "coef0": coef0,
        "cost": cost,
        "nu": nu,
        "terminationEpsilon": terminationEpsilon,
        "lossEpsilon": lossEpsilon,
        "oneClass": oneClass,
    }
    if regression:
        return Classifier("libsvm", parameters, make, ("REGRESSION",), "REGRESSION")
    if svmType == "ONE_CLASS":
        return Classifier("libsvm", parameters, make, ("CLASSIFICATION",))
    modes = ("CLASSIFICATION", "PROBABILITY", "MULTIPROBABILITY")
    return Classifier("libsvm", parameters, make, modes)


_METRICS = {
    "EUCLIDEAN": "euclidean",
    "MAHALANOBIS": "mahalanobis",
    "MANHATTAN": "manhattan",
    "BRAYCURTIS": "braycurtis",
}


@implements("Classifier.smileKNN")
def nearest_neighbours(k: int, searchMethod: str, metric: str) -> Classifier:
    """Return an untrained classifier by the k nearest examples."""
    if metric not in _METRICS:
        raise EarthEngineError(f"The metric must be one of {', '.join(_METRICS)}, got '{metric}'.")

    def make(mode: str, features: int) -> Any:
        # As documented: a k-d tree takes no notice of the metric.
        tree = searchMethod == "KD_TREE" or (searchMethod == "AUTO" and features < 10)
        return NearestNeighbours(k, "euclidean" if tree else _METRICS[metric])

    parameters = {"k": k, "searchMethod": searchMethod, "metric": metric}
    modes = ("CLASSIFICATION", "PROBABILITY", "MULTIPROBABILITY")
    return Classifier("smileKNN", parameters, make, modes)


def _naive_bayes(lambda_: float) -> Classifier:
    """Return an untrained naive Bayes classifier of counts."""
    modes = ("CLASSIFICATION", "PROBABILITY", "MULTIPROBABILITY")
    return Classifier(
        "smileNaiveBayes",
        {"lambda": lambda_},
        lambda mode, features: MultinomialBayes(lambda_),
        modes,
    )


implements("Classifier.smileNaiveBayes")(_naive_bayes)


@implements("Classifier.minimumDistance")
def minimum_distance(metric: str, kNearest: int) -> Classifier:
    """Return an untrained classifier by the nearest class mean."""
    known = ("euclidean", "cosine", "mahalanobis", "manhattan")
    if metric not in known:
        raise EarthEngineError(f"The metric must be one of {', '.join(known)}, got '{metric}'.")
    if kNearest != 1:
        raise EarthEngineError("Only kNearest = 1 is implemented by the emulator.")
    return Classifier(
        "minimumDistance",
        {"metric": metric, "kNearest": kNearest},
        lambda mode, features: MinimumDistance(metric, nearest_distance=mode == "REGRESSION"),
        ("CLASSIFICATION", "REGRESSION", "RAW"),
    )


# -- training and looking -------------------------------------------------------------------------


def numbers(features: list[Feature], names: list[str]) -> np.ndarray:
    """Return numeric properties as a table, one row a feature.

    Raises
    ------
    EarthEngineError
        If one is missing or no number.
    """
    rows = []
    for feature in features:
        row = []
        for name in names:
            value = feature.properties.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                index = feature.properties.get("system:index", "")
                problem = "is missing" if value is None else "is not a number"
                raise EarthEngineError(f"Property '{name}' of feature '{index}' {problem}.")
            row.append(float(value))
        rows.append(row)
    return np.array(rows, np.float64).reshape(len(rows), len(names))


def input_names(features: Collection, given: list[str] | None, without: str | None) -> list[str]:
    """Return the names of the inputs: those given, or the sampled bands."""
    if given is not None:
        return given
    order = features.properties.get("band_order")
    if order is None:
        raise EarthEngineError(
            "No inputProperties specified and the collection has no 'band_order' property."
        )
    return [name for name in order if name != without]


def subsample(features: Collection, part: float, seed: int) -> list[Feature]:
    """Return a random part of the features."""
    found = list(features)
    if not 0 < part <= 1:
        raise EarthEngineError(f"The subsampling factor must lie in (0, 1], got {part}.")
    if part < 1:
        kept = np.random.default_rng(seed % _SEEDS).random(len(found)) < part
        found = [feature for feature, keep in zip(found, kept, strict=True) if keep]
    if not found:
        raise EarthEngineError("No data was found in classifier training input.")
    return found


@implements("Classifier.train")
def train(
    classifier: Classifier,
    features: Collection,
    classProperty: str,
    inputProperties: list[str] | None,
    subsampling: float,
    subsamplingSeed: int,
) -> Classifier:
    """Return the classifier with features as (more) training data."""
    names = input_names(features, inputProperties, classProperty)
    rows = subsample(features, subsampling, subsamplingSeed)
    x, y = numbers(rows, names), numbers(rows, [classProperty])[:, 0]
    return classifier.trained(x, y, names)


@implements("Classifier.setOutputMode")
def set_output_mode(classifier: Classifier, mode: str) -> Classifier:
    """Return the classifier with another output mode."""
    return classifier.in_mode(mode)


@implements("Classifier.mode")
def mode(classifier: Classifier) -> str:
    """Return the output mode."""
    return classifier.mode


@implements("Classifier.schema")
def schema(classifier: Classifier) -> list[str] | None:
    """Return the names of the inputs, null before training."""
    return None if classifier.schema is None else list(classifier.schema)


@implements("Classifier.confusionMatrix")
def resubstitution(classifier: Classifier) -> ConfusionMatrix:
    """Return how the training data itself is classified."""
    if not len(classifier.y):
        raise EarthEngineError("The classifier has not been trained.")
    predicted = classifier.in_mode("CLASSIFICATION").predict(classifier.x)
    return error_matrix(zip(classifier.y.tolist(), predicted.tolist(), strict=True))


@implements("Classifier.explain")
def explain(classifier: Classifier) -> dict[str, Any]:
    """Return a description of a trained classifier."""
    learner: Any = classifier.learner
    found: dict[str, Any] = {"classifier": classifier.name, **classifier.parameters}
    if not classifier.mode.endswith("REGRESSION"):
        found["classes"] = classifier.classes.tolist()
    importance = getattr(learner, "feature_importances_", None)
    if importance is not None and classifier.schema is not None:
        found["importance"] = dict(zip(classifier.schema, importance.tolist(), strict=True))
    return {key: value for key, value in found.items() if value is not None}


# -- predicting -----------------------------------------------------------------------------------


def predicted_features(
    features: Collection, names: list[str], predict: Any, output: str
) -> Collection:
    """Return the features with a prediction as one more property."""

    def results() -> Iterator[Feature]:
        rows = list(features)
        values = predict(numbers(rows, names)) if rows else []
        for feature, value in zip(rows, values, strict=True):
            plain = Array(value) if np.ndim(value) else value.item()
            yield feature.with_properties({**feature.properties, output: plain})

    return features.derived(results(), of_images=False)


def predicted_image(
    image: Image, names: list[str], predict: Any, output: str, result: PixelType
) -> Image:
    """Return a band of predictions from the bands of those names."""
    if not names:
        raise EarthEngineError("The classifier has no input properties.")
    bands = [image.band(name) for name in names]

    def function(*tiles: Tile) -> Tile:
        mask = intersect(*(tile.mask for tile in tiles))
        if any(tile.is_empty for tile in tiles):
            return empty(result.dtype)
        arrays = np.broadcast_arrays(
            *(tile.data for tile in tiles), *([] if mask is None else [mask])
        )[: len(tiles)]
        valid = np.ones(arrays[0].shape, bool)
        if mask is not None:
            valid &= mask > 0
        rows = np.stack([array[valid] for array in arrays], axis=-1).astype(np.float64)
        if not len(rows):
            return empty(result.dtype)
        values = np.asarray(predict(rows))
        shape = valid.shape if valid.ndim or not result.dimensions else (1, 1)
        data = np.zeros((*shape, *values.shape[1:]), result.dtype)
        data[valid.reshape(shape)] = values
        return Tile(data, mask)

    source = Masking(function, [band.source for band in bands])
    band = Band(output, result, bands[0].projection, source)
    return replace(image.with_bands([band]), id=None, version=None)


@implements("FeatureCollection.classify")
def classify_features(features: Collection, classifier: Classifier, outputName: str) -> Collection:
    """Classify each feature."""
    names = list(classifier.schema or ())
    _ = classifier.learner
    predict = classifier.predict
    if classifier.mode == "CLASSIFICATION":
        return predicted_features(
            features, names, lambda x: predict(x).astype(np.int64), outputName
        )
    return predicted_features(features, names, predict, outputName)


@implements("Image.classify")
def classify_image(image: Image, classifier: Classifier, outputName: str) -> Image:
    """Classify each pixel."""
    if classifier.schema is None:
        raise EarthEngineError("The classifier has not been trained.")
    result = INT32 if classifier.mode == "CLASSIFICATION" else DOUBLE
    result = replace(result, dimensions=classifier.output_dimensions)
    return predicted_image(image, list(classifier.schema), classifier.predict, outputName, result)
