"""Children, registers, measures, episodes and analyses of an authority.

It owns what was recorded about attendance and what is concluded from it. It never moves money:
its costs are copied from the fund's events.
"""
