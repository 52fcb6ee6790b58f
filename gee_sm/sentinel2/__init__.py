"""Sentinel-2 reflectance, clouds and indices on Earth Engine's side."""
