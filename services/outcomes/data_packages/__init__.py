"""Data packages: CSV files with what a stranger needs to read them, the same bytes every time.

Releases and feeds hand theirs out this way.
"""
