"""Correct the bias of a reanalysis against stations.

:class:`VmdBiasCorrector` is the method of Chang et al. (2022); its rivals have the same ``fit`` and
``predict``. :func:`single_site_correction`, :func:`cross_site_correction` and
:func:`regional_correction` are the paper's three uses, :mod:`skill_tables
<local_core.bias_correction.skill_tables>` its tables.
"""

from __future__ import annotations

from local_core.bias_correction.correction_run import CorrectionRun, Role
from local_core.bias_correction.corrector import BiasCorrector
from local_core.bias_correction.cross_site import cross_site_correction
from local_core.bias_correction.difference_modes import difference_modes
from local_core.bias_correction.distribution_matching import (
    CdfMatching,
    LinearRegressionMatching,
    MeanStdMatching,
)
from local_core.bias_correction.fit_status import FitStatus
from local_core.bias_correction.harmonic_corrector import HarmonicBiasCorrector
from local_core.bias_correction.methods import METHODS, make_corrector
from local_core.bias_correction.regional import fit_vegetation_types, regional_correction
from local_core.bias_correction.single_site import single_site_correction
from local_core.bias_correction.vmd_corrector import VmdBiasCorrector

__all__ = [
    "METHODS",
    "BiasCorrector",
    "CdfMatching",
    "CorrectionRun",
    "FitStatus",
    "HarmonicBiasCorrector",
    "LinearRegressionMatching",
    "MeanStdMatching",
    "Role",
    "VmdBiasCorrector",
    "cross_site_correction",
    "difference_modes",
    "fit_vegetation_types",
    "make_corrector",
    "regional_correction",
    "single_site_correction",
]
