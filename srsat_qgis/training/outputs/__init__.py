"""What a training run shows: curves, a contact sheet, and one page.

Its model folder is ``export``'s, and its checkpoints and metrics are ``loop``'s.
"""
