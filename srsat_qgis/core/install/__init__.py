"""Installs what runs and what trains the models, separate from QGIS's own packages.

Finding what is installed at run time is ``engine``'s and ``trainer``'s.
"""
