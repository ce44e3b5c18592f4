"""Pages of all kinds and the small notes of a layer: contexts, verdicts and charts here, all HTML in ``templates``.

What is measured lies in ``evaluation`` and ``fusion``, what is drawn pixel by pixel in ``pictures``.
"""
