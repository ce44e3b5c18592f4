"""Bands of several pixel sizes, of any sensor, brought to the finest: plan, runs, adaptation, and proof of the result.

Products, their offsets and masks belong to the families (``sentinel2``), which come in as a sensor, layers and a mask.
"""
