"""Sentinel-1 backscatter on Earth Engine's side: one processing step a module."""
