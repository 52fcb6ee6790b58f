"""The corrections by the names they have on the command line and in tables."""

from __future__ import annotations

from typing import Any

from local_core.bias_correction.corrector import BiasCorrector
from local_core.bias_correction.distribution_matching import (
    CdfMatching,
    LinearRegressionMatching,
    MeanStdMatching,
)
from local_core.bias_correction.harmonic_corrector import HarmonicBiasCorrector
from local_core.bias_correction.vmd_corrector import VmdBiasCorrector

#: Name to class, in the order of tables.
METHODS: dict[str, type[BiasCorrector]] = {
    kind.method: kind
    for kind in (
        VmdBiasCorrector,
        HarmonicBiasCorrector,
        MeanStdMatching,
        LinearRegressionMatching,
        CdfMatching,
    )
}


def make_corrector(method: str, **settings: Any) -> BiasCorrector:
    """Make a correction by name, with those of the settings it knows.

    Parameters
    ----------
    method : str
        A key of :data:`METHODS`.
    **settings
        Settings of any of the methods; one that the chosen method does not have is left out, so
        that methods can be compared under one set.

    Returns
    -------
    BiasCorrector

    Raises
    ------
    ValueError
        If the method is unknown, or no method has one of the settings.

    Examples
    --------
    >>> make_corrector("harmonic", trend="constant", n_bins=50)
    HarmonicBiasCorrector(trend='constant')
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not known; choose one of {', '.join(METHODS)}")
    known = {name for kind in METHODS.values() for name in kind().get_params()}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ValueError(
            f"no method has the setting {', '.join(map(repr, unknown))}; there are "
            f"{', '.join(sorted(known))}"
        )
    kind = METHODS[method]
    own = set(kind().get_params())
    return kind(**{name: value for name, value in settings.items() if name in own})
