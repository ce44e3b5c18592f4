"""The core's runs over many scenes and huge mosaics: plans of units, any number of processes and machines, and results.

Pixels are the core's business, and the toolbox's parameters become those of a plan here. No QGIS is known here.
"""
