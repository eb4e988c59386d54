"""Child-level feeds: facts as they commit, in an order of their own, under pseudonyms.

A fact is written by whoever learns it. The sequencer gives it a number after its commit, so that
no late row is ever passed by, and copies it into the feed of each agreement in force as an item
that is never changed: a line of text, a leaf of that feed's Merkle log.
"""
