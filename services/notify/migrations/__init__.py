"""Notify's schema, version by version."""
