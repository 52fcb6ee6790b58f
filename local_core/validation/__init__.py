"""Validation of estimates against references."""
