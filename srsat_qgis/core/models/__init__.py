"""Model cards and where models lie: what a model takes, gives and is good for.

Nothing is run here: sessions are ``engine``'s, cards for unknown graphs ``probing``'s.
"""
