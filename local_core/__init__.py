"""Numerics of soil-moisture products on numpy and xarray.

Each folder is one subject: ``stations`` reads and screens what was measured in the ground,
``vmd`` and ``bias_correction`` correct a reanalysis against it, ``collocation`` finds the errors of
products nobody calibrated, ``merging`` joins them, ``metrics`` and ``validation`` judge the result,
``calibration`` refits the Sentinel-1 retrieval, and ``synthetic`` makes series whose truth is
known.

Nothing here imports Earth Engine: everything works on arrays that were pulled before.
"""
