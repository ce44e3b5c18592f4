"""The shift between two images or rasters: measured to a fraction of a pixel, and corrected in a new raster.

One shift for a whole raster; rotation and distortion are not measured. What shifts mean for bands is ``fusion``'s.
"""
