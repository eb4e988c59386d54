"""Notify's rpcs; each is short and says nothing of rules."""
