"""The recompute as SQL for DuckDB. Days are ordinals: 1 is Monday, 1 January of the year 1.

Source of the classes: SI 2024/208 reg. 10 and the arithmetic of the DfE's daily files, written
down here a second time so that a slip in one table shows.
"""

from __future__ import annotations

CLASSES = {
    "attended": ("/", "\\", "L", "K", "V", "P", "W", "B", "J"),
    "authorised": ("C1", "M", "J1", "S", "C2", "C", "T", "R", "I", "E", "H", "F"),
    "unauthorised": ("G", "N", "O", "U"),
    "not_possible": (
        *("D", "X", "Q", "Y", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Z", "#"),
        "X**",
    ),
}
COUNTERS = (
    "possible",
    "attended",
    "authorised",
    "unauthorised",
    "illness",
    "late",
    "provisional",
    "not_possible",
)

TABLES = """
CREATE TABLE overlay_mark (
    urn VARCHAR, week INTEGER, version INTEGER, child INTEGER, position INTEGER, code INTEGER);
CREATE TABLE overlay_child (urn VARCHAR, week INTEGER, child INTEGER);
CREATE TABLE code_class (code INTEGER, letters VARCHAR, class VARCHAR);
CREATE TABLE span (
    urn VARCHAR, own BOOLEAN, number INTEGER, first_day INTEGER, last_day INTEGER,
    kind INTEGER, sessions INTEGER);
CREATE TABLE bank_holiday (day INTEGER);
CREATE TABLE term (
    urn VARCHAR, year INTEGER, number INTEGER, first_week INTEGER, last_week INTEGER);
CREATE TABLE year_counter (child INTEGER, year INTEGER, possible BIGINT, absent BIGINT);
CREATE TABLE counter (
    urn VARCHAR, child INTEGER, year INTEGER, number INTEGER, possible BIGINT, attended BIGINT,
    authorised BIGINT, unauthorised BIGINT, illness BIGINT, late BIGINT, provisional BIGINT,
    not_possible BIGINT);
"""

SPOKEN = """
CREATE TABLE spoken AS
WITH every_day AS (
    SELECT *, unnest(range(first_day, last_day + 1))::INTEGER AS day FROM span
)
SELECT urn, day, half, arg_max(kind, (own::INTEGER, number)) AS kind
FROM every_day, (VALUES (1), (2)) AS halves(half)
WHERE sessions IN (0, half)
  AND NOT (kind = 1 AND last_day > first_day AND (
      (day - 1) % 7 >= 5 OR day IN (SELECT day FROM bank_holiday)))
GROUP BY ALL
"""
"""What the calendar says of each half of each day of a school; the last word is the school's."""

TERMS = """
INSERT INTO term
WITH term_day AS (
    SELECT urn, day, bool_or(kind = 1) AS opened,
        5 * ((day - 1) // 7) + least((day - 1) % 7, 5) AS weekdays
    FROM spoken WHERE kind IN (1, 3) GROUP BY ALL
), begun AS (
    SELECT urn, day, opened,
        weekdays - lag(weekdays) OVER each - ((lag(day) OVER each - 1) % 7 < 5)::INTEGER >= 5
            AS gap
    FROM term_day WINDOW each AS (PARTITION BY urn ORDER BY day)
), run AS (
    SELECT urn, day, opened,
        sum(coalesce(gap, false)::INTEGER) OVER (PARTITION BY urn ORDER BY day) AS run
    FROM begun
), half_term AS (
    SELECT urn, min(day) AS first_day, max(day) AS last_day,
        DATE '0001-01-01' + (min(day) - 1)::INTEGER AS first_date
    FROM run WHERE opened GROUP BY urn, run
), dated AS (
    SELECT *, year(first_date) - (month(first_date) < 8)::INTEGER AS year FROM half_term
)
SELECT urn, year, row_number() OVER (PARTITION BY urn, year ORDER BY first_day),
    (first_day - 1) // 7, (last_day - 1) // 7
FROM dated
"""

INSERTS = {
    "span": "INSERT INTO span SELECT * FROM given",
    "bank_holiday": "INSERT INTO bank_holiday SELECT * FROM given",
    "overlay_mark": "INSERT INTO overlay_mark SELECT * FROM given",
    "overlay_child": "INSERT INTO overlay_child SELECT * FROM given",
}

EMPTIED = "TRUNCATE overlay_mark; TRUNCATE overlay_child"

FOLD = """
CREATE OR REPLACE TABLE mark AS
SELECT urn, week, child, position, arg_max(code, version) AS code
FROM overlay_mark GROUP BY ALL
"""

COUNT = """
INSERT INTO counter
SELECT mark.urn, child, coalesce(term.year, 0), coalesce(term.number, 0),
    count(*) FILTER (class <> 'not_possible'),
    count(*) FILTER (class = 'attended'),
    count(*) FILTER (class = 'authorised'),
    count(*) FILTER (class = 'unauthorised'),
    count(*) FILTER (letters = 'I'),
    count(*) FILTER (letters IN ('L', 'U')),
    count(*) FILTER (letters = 'N'),
    count(*) FILTER (class = 'not_possible')
FROM mark
JOIN code_class USING (code)
LEFT JOIN term ON term.urn = mark.urn AND week BETWEEN first_week AND last_week
GROUP BY ALL
"""

COUNT_YEARS = """
INSERT INTO year_counter
SELECT child, year(friday) - (month(friday) < 8)::INTEGER,
    count(*) FILTER (class <> 'not_possible'),
    count(*) FILTER (class IN ('authorised', 'unauthorised'))
FROM (SELECT child, code, DATE '0001-01-01' + (week * 7 + 4)::INTEGER AS friday FROM mark)
JOIN code_class USING (code)
GROUP BY ALL
"""

LEVELS = """
SELECT child,
    CASE WHEN absent * 2 >= possible THEN 2 WHEN absent * 10 >= possible THEN 1 ELSE 0 END
FROM (
    SELECT child, sum(possible) AS possible, sum(absent) AS absent
    FROM year_counter WHERE year = $year GROUP BY child
) WHERE possible >= 20
"""

BY_CHILD = """
SELECT child, year, number, sum(COLUMNS(* EXCLUDE (urn, child, year, number)))::BIGINT
FROM counter GROUP BY child, year, number
"""

BY_SCHOOL = """
SELECT year, number, sum(COLUMNS(* EXCLUDE (urn, child, year, number)))::BIGINT
FROM counter WHERE urn = $urn GROUP BY year, number ORDER BY year, number
"""

THRESHOLDS = """
WITH yearly AS (
    SELECT child, sum(possible) AS possible, sum(authorised + unauthorised) AS absent
    FROM counter
    WHERE urn = $urn AND year = (SELECT max(year) FROM counter WHERE urn = $urn)
    GROUP BY child
)
SELECT count(*), count(*) FILTER (possible > 0 AND absent * 10 >= possible),
    count(*) FILTER (possible > 0 AND absent * 2 >= possible)
FROM yearly
"""

RATES = """
SELECT 100.0 * (authorised + unauthorised) / nullif(possible, 0),
    100.0 * authorised / nullif(possible, 0),
    100.0 * unauthorised / nullif(possible, 0),
    100.0 * illness / nullif(possible, 0),
    100.0 * late / nullif(possible, 0)
FROM (SELECT sum(possible) AS possible, sum(authorised) AS authorised,
    sum(unauthorised) AS unauthorised, sum(illness) AS illness, sum(late) AS late
    FROM counter WHERE urn = $urn)
"""
