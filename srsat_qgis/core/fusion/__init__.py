"""Bands of several pixel sizes, of any sensor, brought to the finest: plan, steps, merge, proof, adaptation.

Products, their units and masks belong to the families (``sentinel2``).
"""
