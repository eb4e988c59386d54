"""The same marks as one row each in DuckDB, held in memory, and the group-by over them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from bench.big_register import Year, calendar
from services.outcomes.reference.codes import CODES

_BY_TERM = """
SELECT child, half_term,
    count(*) FILTER (class BETWEEN 1 AND 4) AS possible,
    count(*) FILTER (class IN (1, 2)) AS attended,
    count(*) FILTER (class = 3) AS authorised,
    count(*) FILTER (class = 4) AS unauthorised,
    count(*) FILTER (code = 17) AS illness,
    count(*) FILTER (code IN (3, 22)) AS late,
    count(*) FILTER (code = 20) AS provisional,
    count(*) FILTER (class = 5) AS not_possible
FROM mark JOIN code_class USING (code) JOIN school_day USING (day)
GROUP BY child, half_term
"""
_HELD = """
CREATE TABLE held AS
SELECT urn, day, place FROM (SELECT DISTINCT urn FROM enrolment), school_day
"""
_RANKED = """
CREATE TEMP TABLE ranked AS
SELECT episode, child, urn,
    count(*) FILTER (day < requested) AS before_request,
    count(*) FILTER (day <= index_day) AS up_to_index
FROM episode JOIN enrolment USING (child) JOIN held USING (urn)
GROUP BY ALL
"""
_MINE = """
CREATE TEMP TABLE mine AS
SELECT episode, urn, before_request, up_to_index, day, code
FROM mark JOIN ranked USING (child)
"""
_WINDOWS = """
WITH placed AS (
    SELECT episode, held.day, code, class,
        place BETWEEN before_request - 90 AND before_request - 31 AS in_baseline,
        place BETWEEN before_request - 30 AND before_request - 1 AS in_trigger,
        place BETWEEN up_to_index AND up_to_index + 29 AS in_follow
    FROM mine JOIN held ON held.urn = mine.urn AND held.day = mine.day
    JOIN code_class USING (code)
), counted AS (
    SELECT episode,
        count(*) FILTER (in_baseline) AS baseline_nominal,
        count(*) FILTER (class BETWEEN 1 AND 4 AND in_baseline) AS baseline_possible,
        count(*) FILTER (class IN (3, 4) AND in_baseline) AS baseline_absent,
        count(*) FILTER (code = 20 AND in_baseline) AS baseline_provisional,
        min(day) FILTER (in_baseline) AS baseline_first,
        max(day) FILTER (in_baseline) AS baseline_last,
        count(*) FILTER (in_trigger) AS trigger_nominal,
        count(*) FILTER (class BETWEEN 1 AND 4 AND in_trigger) AS trigger_possible,
        count(*) FILTER (class IN (3, 4) AND in_trigger) AS trigger_absent,
        count(*) FILTER (code = 20 AND in_trigger) AS trigger_provisional,
        min(day) FILTER (in_trigger) AS trigger_first, max(day) FILTER (in_trigger) AS trigger_last,
        count(*) FILTER (in_follow) AS follow_nominal,
        count(*) FILTER (class BETWEEN 1 AND 4 AND in_follow) AS follow_possible,
        count(*) FILTER (class IN (3, 4) AND in_follow) AS follow_absent,
        count(*) FILTER (code = 20 AND in_follow) AS follow_provisional,
        min(day) FILTER (in_follow) AS follow_first, max(day) FILTER (in_follow) AS follow_last
    FROM placed GROUP BY episode
)
SELECT *,
    baseline_possible >= 20 AND 2 * baseline_possible >= greatest(120, baseline_nominal),
    trigger_possible >= 20 AND 2 * trigger_possible >= greatest(60, trigger_nominal),
    follow_possible >= 20 AND 2 * follow_possible >= greatest(60, follow_nominal),
    100.0 * baseline_absent / baseline_possible - 100.0 * follow_absent / follow_possible
FROM counted ORDER BY episode
"""


class DuckMarks:
    """A year in DuckDB's memory.

    Args:
        year: The marks.
    """

    def __init__(self, year: Year) -> None:
        self._duck = duckdb.connect()
        sessions = year.codes.shape[1]
        marks = pa.table(
            {
                "child": np.repeat(year.numbers, sessions),
                "day": np.tile(np.repeat(year.days, 2), len(year.numbers)),
                "session": np.tile(np.array([0, 1], np.uint8), year.codes.size // 2),
                "code": year.codes.reshape(-1),
            }
        )
        self._keep("mark", marks)
        classes = [(code.index, int(code.code_class)) for code in CODES]
        codes, kinds = zip(*classes, strict=True)
        self._keep("code_class", pa.table({"code": pa.array(codes, pa.uint8()), "class": kinds}))
        terms = calendar().half_terms()
        lasts = np.array([term.last.toordinal() for term in terms])
        half_terms = np.searchsorted(lasts, year.days) + 1
        places = np.arange(len(year.days))
        days = pa.table({"day": year.days, "half_term": half_terms, "place": places})
        self._keep("school_day", days)
        urns = [int(year.school_of(row)) for row in range(len(year.numbers))]
        self._keep("enrolment", pa.table({"child": year.numbers, "urn": urns}))
        self._duck.execute(_HELD)

    def close(self) -> None:
        """Give the memory back."""
        self._duck.close()

    def _keep(self, name: str, rows: pa.Table) -> None:
        self._duck.register("given", rows)
        self._duck.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        self._duck.unregister("given")

    def by_half_term(self) -> tuple[float, int]:
        """Return the seconds of the group-by, and the absent sessions it found."""
        began = time.perf_counter()
        found = self._duck.execute(_BY_TERM).fetchnumpy()
        took = time.perf_counter() - began
        return took, int(found["authorised"].sum() + found["unauthorised"].sum())

    def windows(
        self, children: Sequence[int], requested: Sequence[int], index: Sequence[int]
    ) -> tuple[float, list[float]]:
        """Return the seconds of the windows of episodes, and the change of each."""
        columns = {
            "episode": list(range(len(children))),
            "child": pa.array(children, pa.int32()),
            "requested": pa.array(requested, pa.int32()),
            "index_day": pa.array(index, pa.int32()),
        }
        self._keep("episode", pa.table(columns))
        began = time.perf_counter()
        self._duck.execute(_RANKED)
        self._duck.execute(_MINE)
        found = self._duck.execute(_WINDOWS).fetchall()
        took = time.perf_counter() - began
        self._duck.execute("DROP TABLE episode; DROP TABLE ranked; DROP TABLE mine")
        return took, [row[-1] for row in found]
