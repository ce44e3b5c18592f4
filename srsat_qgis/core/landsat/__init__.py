"""Landsat 8 and 9: products, quality masks, and radiometry that makes their bands comparable with Sentinel-2's.

Registering, resampling and sharpening belong to no sensor and live in other rooms.
"""
