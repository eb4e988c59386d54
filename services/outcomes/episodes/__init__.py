"""Support as it reached a child: derived from the fund's facts, measured in windows.

`domain` is pure: the same set of facts gives the same episodes in whatever order it arrived.
`windows` counts sessions in school days of each child's own calendar.
"""
