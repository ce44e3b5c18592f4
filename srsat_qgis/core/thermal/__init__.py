"""Land-surface temperature: units and products, classical sharpening, conservation of means, and guides on its grid.

Networks that sharpen it are the trainer's, and running them is ``superres``'s.
"""
