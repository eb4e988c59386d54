"""Delivery: claim what is due, hand it over with no transaction open, record what came of it."""
