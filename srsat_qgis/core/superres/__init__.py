"""Super-resolving a raster: the job with every decision, its tiles, the model applied, rows kept, the file.

Families with several pixel sizes stand on it (``fusion``); quality is ``evaluation``'s.
"""
