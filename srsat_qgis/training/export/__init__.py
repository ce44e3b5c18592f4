"""From a trained network to a model folder: ONNX graph, proofs that it does the same, card.

Reading such folders to run them is ``core.models``'s.
"""
