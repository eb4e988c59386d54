"""Comparison pools: children like those of a cohort, drawn by a rule and a seed.

A pool can be drawn again to the last child: what it depends on is written down with it, and the
children whom the rule held for are known by a digest.
"""
