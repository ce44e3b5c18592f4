"""Installing what runs and trains the models, beside QGIS's own packages and never over them.

Finding what is installed at run time is ``engine``'s and ``trainer``'s.
"""
