"""Releases: tables of a completed analysis, frozen, made safe, hashed, published by two people."""
