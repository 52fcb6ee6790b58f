"""Implementations of Earth Engine's functions, one file per subject, found by the registry."""
