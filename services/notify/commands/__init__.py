"""Notify's writes: one function for each."""
