"""Reads: each checks what the caller may see and returns values of the domain."""
