"""The GDAL room: grids and how they nest, bands, reading and writing rasters, pixels on another grid.

Models, measures and families are not known here; no other room opens a dataset by itself.
"""
