"""Sentinel-2 scenes: products found by their layout, bands grouped by resolution, fused to 10 m."""
