"""Gridded products as the user has them in files, and their series at points."""
