"""Parameters that several algorithms share, how their values are read, and the provider's options.

What only one algorithm asks for stands in that algorithm.
"""
