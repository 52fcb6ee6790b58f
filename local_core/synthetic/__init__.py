"""Series whose truth is known, made from a seed: what the numerics are proved on."""
