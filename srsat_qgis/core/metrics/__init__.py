"""How alike a super-resolved raster and the truth, or its own coarse input, are. numpy only.

``MEASURES`` is the table of all measures. ``Suite`` drives a choice of them block by block, for rasters of any size;
``score_arrays`` and the functions of ``arrays`` do the same for whole arrays. Definitions and their sources stand in
the table and in the module of each family.
"""
