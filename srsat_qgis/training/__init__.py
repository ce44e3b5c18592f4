"""Training of super-resolution networks with torch; its own process, without QGIS and without GDAL."""
