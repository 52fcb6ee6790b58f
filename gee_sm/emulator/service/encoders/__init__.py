"""Pixels and features as the bytes of a file format."""
