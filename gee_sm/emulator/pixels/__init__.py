"""How pixels are pulled: grids, tiles, the plan of a request, resampling and neighbourhoods."""
