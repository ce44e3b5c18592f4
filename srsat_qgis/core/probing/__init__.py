"""What an unknown ONNX file does, found out by running it, and whether a card tells the truth.

Reading the file without running it is ``onnx``'s; cards that are at hand are read by ``models``.
"""
