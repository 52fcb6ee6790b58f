"""What flows along the edges of an expression: dates, geometries, collections, images, ..."""
