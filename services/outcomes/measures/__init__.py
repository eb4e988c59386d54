"""Measures: the authority's catalogue, what people observed, and what registers say.

`counts` and `rates` count marks over whole blocks; `builtin` turns them into the measures that
come with the product; `catalogue` says what is measured, `observations` what was answered, and
`providers` keeps what others measured in their own way.
"""
