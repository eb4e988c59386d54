"""What providers measured in their own way: kept as it came, and compared only where mapped.

Two providers that call a thing `confidence` do not measure the same thing. What came is never
rewritten; a person decides, on a day and for a reason, that one provider's measure is one of the
catalogue's, and may decide otherwise later. Until then it is left out of comparisons and counted.
"""
