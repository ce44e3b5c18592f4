"""Talking to the trainer's process: recipes for it, its events, its results.

The trainer itself is ``srsat_qgis.training``; its installation is ``install``'s.
"""
