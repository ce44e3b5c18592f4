"""Tiles of web maps: their arithmetic, where they are read and written, and runs that make the levels that are missing.

How a picture is super-resolved is no business of this package (``superres``), nor how it is decoded (``raster``).
"""
