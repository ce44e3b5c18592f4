"""The algorithms of the provider, one per file, each of which says only what differs from the others.

What several share is in ``base`` and ``parameters``; the work is done in ``core``.
"""
