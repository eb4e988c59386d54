"""What people answered: only ever added to, and read as of any moment.

Not asked, refused and not applicable are answers of their own and never a zero. A correction is
a new observation that supersedes the old one; what was withdrawn stays and counts nowhere.
"""
