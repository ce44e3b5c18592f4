"""What a run learns from: patch stores, crops, degradation, scaling, batches.

Stores are written by ``core.patches``; networks and losses are not known here.
"""
