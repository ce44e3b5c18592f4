"""The ONNX file format without the onnx package: reading headers, refusing what is unsafe, writing small graphs.

Running a graph is ``engine``'s, finding out what an unknown one does ``probing``'s.
"""
