"""What QGIS knows of the trainer, which runs as a process of its own: recipes for it, its events, its results."""
