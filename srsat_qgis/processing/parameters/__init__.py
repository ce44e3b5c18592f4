"""Parameters that several algorithms share, how their values are read, and the provider's options.

A parameter that only one algorithm has is declared in that algorithm.
"""
