"""The best that the tools alone do, without our rules: what each ratio is held against."""
