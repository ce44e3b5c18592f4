"""How similar a super-resolved raster is to the truth, or to its own low-resolution input; numpy only.

``table.MEASURES`` has all measures; ``Suite`` computes some of them block by block, for rasters of any size, and
``score_arrays`` for whole arrays. Reading rasters is ``evaluation``'s.
"""
