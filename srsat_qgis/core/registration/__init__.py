"""How far one raster lies beside another: the measure on arrays, on rasters, and the moved raster."""
