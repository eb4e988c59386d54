"""Channels: one port, and what speaks to relays, to GOV.UK Notify, to webhooks and to files."""
