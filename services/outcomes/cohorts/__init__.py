"""Cohorts: children named by a rule as data, frozen on a day, with everybody's way in and out.

A rule is a tree of a closed grammar over facts that this service keeps; nothing in it is ever
run as code. Freezing writes down who was in, by which version, as known at which moment, and what
each child's attendance was then; what changes afterwards is added and dated.
"""
