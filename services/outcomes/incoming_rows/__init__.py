"""Rows that people and other systems send in: reading a file of them, and what is wrong with one.

Registers, children, events and observations come this way; none of what they mean is known here.
"""
