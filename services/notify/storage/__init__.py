"""Notify's tables and what is read from and written to them; the only SQL of the service."""
