"""Sentinel-2: its sensor, its products with their offsets and cloud masks, and scenes as users give them.

How its bands are fused is no business of this package (``fusion``).
"""
