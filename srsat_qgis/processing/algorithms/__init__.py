"""The algorithms of the provider, one a file, in the order of the toolbox.

Parameters that several share are in ``parameters``; the work is done in ``core``.
"""
