"""Training of super-resolution networks with torch, in a process of its own: set-up, loop, and what comes after it.

Patches are cut by ``core.patches`` and the process is run by ``core.trainer``: here are neither QGIS nor GDAL.
"""
