"""Pages and pictures for the eye: escaped HTML and PNG previews."""
