"""Notify's values as messages of the contract, and back."""
