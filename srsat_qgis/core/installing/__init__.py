"""Installing what runs and trains the models, beside QGIS's own packages and never over them."""
