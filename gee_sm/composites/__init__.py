"""Composites over time and space, and the predictors made from them."""
