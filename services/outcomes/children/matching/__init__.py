"""The matching queue: rows of which a person must say whose they are; never a silent merge."""
