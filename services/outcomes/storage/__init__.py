"""What the storage of every package here stands on.

One schema, inserting and looking up many rows at once, lists latest first, and writing in turn.
"""
