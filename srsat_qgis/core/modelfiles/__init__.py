"""ONNX files without the onnx package: reading them safely, writing small ones, and finding out what a file does."""
