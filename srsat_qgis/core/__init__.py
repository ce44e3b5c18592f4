"""Super-resolution of rasters with numpy, GDAL and onnxruntime: a package for each task, and their foundation.

The faces in QGIS are ``processing``'s, networks and their training ``training``'s: nothing here imports QGIS or torch.
"""
