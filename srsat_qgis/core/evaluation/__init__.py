"""From two or three rasters to an evaluation: grids, bands, data range, tiles, and all measures in one run.

The measures themselves are in ``metrics``, the pages that show an evaluation in ``report``.
"""
