"""The catalogue of an authority: measures, instruments and frameworks in immutable versions.

What comes with the product is version 1 of its id, in code, for every authority, for ever; an
authority's own versions follow it in the database. Nothing is copied, so nothing drifts.
"""
