"""Pictures for the eye: PNG files, colour ramps, previews of a raster before and after.

Pages that hold them are ``report``'s; which bands are shown is ``raster.display``'s.
"""
