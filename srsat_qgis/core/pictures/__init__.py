"""Pictures for the eye: PNG files, colour ramps, stretches and sheets.

Pages that hold them are ``report``'s; which bands are shown is ``raster.display``'s.
"""
