"""Who has crossed a line of absence this academic year, found beside imports and told once.

An import never waits for this: a job looks at the schools whose registers have changed and come to
rest, adds their year up set-wise, and compares it with what it told before.
"""
