"""What the storage of every package here stands on: many rows at once, and writing in turn."""
