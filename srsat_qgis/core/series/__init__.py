"""Series of one place: acquisitions of Landsat and Sentinel-2 found, brought onto one grid, and compared in time.

What a single scene needs lives with its family; pages are made in ``report``.
"""
