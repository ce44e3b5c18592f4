"""From a raster to the coarser one that a sensor would have taken: kernels, blur, and the run that writes it.

The trainer's counterpart in torch is ``training.data.degrade``.
"""
