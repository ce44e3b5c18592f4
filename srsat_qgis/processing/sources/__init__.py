"""From a QGIS layer to something that core can read: files, web maps, coverages, tiles.

The only files written here are the copies of remote layers.
"""
