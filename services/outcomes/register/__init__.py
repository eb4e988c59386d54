"""The attendance register: what was recorded for a child, a day and a session, and when.

What others in this service use is in `queries`:

- `child_numbers(connection, tenant, child_ids) -> dict[str, int]`: the tenant-local numbers that
  blocks use for children.
- `sessions_of(connection, tenant, numbers, *, as_of=None) -> SessionMatrix`: the children's
  sessions in school-day order, across schools. The matrix (in `domain`) has one row for each
  number asked and one column for each session:

  - `days`: int32[columns], `date.toordinal()` of each column; ascending, weekdays with a session
    open or recorded for anybody asked;
  - `sessions`: uint8[columns], 0 morning, 1 afternoon;
  - `classes`: uint8[rows, columns], `CodeClass` of the mark: 0 nothing recorded, 1 present,
    2 approved elsewhere, 3 authorised, 4 unauthorised, 5 not possible;
  - `codes`: uint8[rows, columns], the code's index (`reference.codes.CODES`), 0 none;
  - `held`: bool[rows, columns], the school where the child was on roll held the session.

- `half_term_counts(connection, tenant, *, urns=None, as_of=None) -> HalfTermCounts`: counts for
  each child and half-term, recomputed from the blocks.
- `changed_since(connection, tenant, moment) -> list[tuple[str, int]]`: (urn, week) of every block
  changed after a moment, for incremental work.
"""
