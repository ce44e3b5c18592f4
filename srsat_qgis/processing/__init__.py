"""The Processing provider ``srsat``: thin faces over ``core``, and all that QGIS is needed for.

No image processing happens here, and nothing below imports it.
"""
