"""Running graphs: onnxruntime, its sessions, the choice of a device, and what happens when memory runs out.

What a graph means is the card's affair (``models``); tiles and rasters are ``superres``'s.
"""
