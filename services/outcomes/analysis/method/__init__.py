"""The method as functions over arrays: no database, no clock, no randomness but the seed's.

Rates are shares of sessions from 0 to 1 and changes are percentage points of attendance, in
which positive is better. Source: DESIGN section 7; `docs/decisions`.
"""

VERSION = "1.2"
"""Stamped on every run; a change of any rule in this package makes a new version."""

MINIMUM_CHILDREN = 10
"""Below this many children there are counts and timelines, and no estimate."""

TRIGGER_RATE = 0.20
"""Absence over the 30 school days before a request from which a child counts as triggered."""
"""Absence of 20 % is twice the line of persistent absence; panels refer from about there."""
