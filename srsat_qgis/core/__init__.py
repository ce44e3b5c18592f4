"""Super-resolution of rasters with numpy, GDAL and onnxruntime; knows neither QGIS nor torch."""
