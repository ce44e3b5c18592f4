"""Patch stores: what training reads, cut out of rasters.

Reading a store for training is ``training.data``'s; this room writes them.
"""
