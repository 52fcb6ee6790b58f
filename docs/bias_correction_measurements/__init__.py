"""What make_bias_correction.py measures, a subject a file."""
