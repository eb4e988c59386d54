"""Notify's reads: what pages and boards show."""
