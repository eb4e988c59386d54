"""Disclosure control: what may be said of groups without saying anything of a child. Pure.

Counts of 7 or fewer, and cells whose complement is so small, are suppressed; the rest is rounded
to 5; totals are sums of rounded parts; further cells are suppressed until a linear program that
knows every published table cannot narrow down a suppressed one; a cell of spend that one
purchase makes up is suppressed; no cell may be differenced against what was released before.
"""
