"""Pages that show how good a super-resolved raster is: for browsers and printers, and small ones for QGIS's notes."""
