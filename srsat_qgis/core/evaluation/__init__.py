"""From two or three rasters to an evaluation: grids, bands, data range, tiles, and all measures in one pass."""
