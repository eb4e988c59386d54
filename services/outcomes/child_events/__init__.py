"""What happens to children beside the register, as facts that are only ever added to.

What a figure counts (kind, days, sessions, status) stands in the open as marks do; reasons and
year group are sealed with the child's key. An erased child has no events any more, and what is
left of them leads to nobody.
"""
