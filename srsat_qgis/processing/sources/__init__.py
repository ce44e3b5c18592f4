"""From a layer of QGIS to something that core can read: files, web maps, coverages, tiles.

Nothing is written here but the copies of remote layers.
"""
