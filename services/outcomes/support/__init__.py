"""Support that a child had and the fund did not pay for: recorded, so that money is not credited.

Only what a figure counts is kept: what, by whom and when, and nothing in words. It is read as
events are: through merges, as of a moment, and of an erased child no more.
"""
