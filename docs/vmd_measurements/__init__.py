"""What make_vmd_defaults.py measures, a subject a file."""
