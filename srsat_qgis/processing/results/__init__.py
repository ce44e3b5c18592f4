"""What a run leaves in the project: style, name, provenance, layer notes, reports.

The pages themselves are made in ``core.report``.
"""
