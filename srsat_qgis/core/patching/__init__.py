"""Patch stores: what training reads, cut out of rasters."""
