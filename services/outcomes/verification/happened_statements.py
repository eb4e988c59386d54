"""Events of children counted in SQL for DuckDB: what stands, where, and who was on no roll.

Days are ordinals: 1 is Monday, 1 January of the year 1. Kind 1 is a suspension and 2 a permanent
exclusion; status 1 is proposed and 2 upheld: written down here a second time.
"""

from __future__ import annotations

TABLES = """
CREATE TABLE event (
    id VARCHAR, version INTEGER, number INTEGER, kind INTEGER, urn VARCHAR, first_day INTEGER,
    sessions INTEGER, status INTEGER, withdrawn INTEGER);
CREATE TABLE roll (
    urn VARCHAR, number INTEGER, first_day INTEGER, version INTEGER, last_day INTEGER);
CREATE TABLE child (number INTEGER, reception_year INTEGER);
CREATE TABLE span (
    urn VARCHAR, own BOOLEAN, number INTEGER, first_day INTEGER, last_day INTEGER,
    kind INTEGER, sessions INTEGER);
CREATE TABLE bank_holiday (day INTEGER);
CREATE MACRO on_day(day) AS DATE '0001-01-01' + (day - 1)::INTEGER;
CREATE MACRO ordinal(day) AS (day - DATE '0001-01-01')::INTEGER + 1;
CREATE MACRO year_of(day) AS year(on_day(day)) - (month(on_day(day)) < 8)::INTEGER;
"""

INSERTS = {
    "event": "INSERT INTO event SELECT * FROM given",
    "roll": "INSERT INTO roll SELECT * FROM given",
    "child": "INSERT INTO child SELECT * FROM given",
    "span": "INSERT INTO span SELECT * FROM given",
    "bank_holiday": "INSERT INTO bank_holiday SELECT * FROM given",
}

KNOWN = """
CREATE TABLE known AS
SELECT urn, number, first_day, last_day FROM (
    SELECT * FROM roll
    QUALIFY row_number() OVER (PARTITION BY urn, number, first_day ORDER BY version DESC) = 1
) WHERE last_day >= first_day;
CREATE TABLE stands AS
SELECT *, year_of(first_day) AS year FROM (
    SELECT * FROM event QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1
) WHERE withdrawn = 0 AND kind IN (1, 2) AND status IN (1, 2);
CREATE TABLE held AS
SELECT urn, day, count(*) FILTER (kind = 1) AS sessions FROM spoken GROUP BY urn, day;
CREATE TABLE gap AS
SELECT e.number, arg_max(e.urn, e.first_day) AS urn, e.last_day + 1 AS begins,
    coalesce(min(n.first_day) - 1, 3652059) AS ends
FROM known e LEFT JOIN known n ON n.number = e.number AND n.first_day > e.last_day
WHERE e.last_day < 3652059 AND NOT EXISTS (
    SELECT 1 FROM known o WHERE o.number = e.number AND o.first_day <= e.last_day + 1
        AND o.last_day > e.last_day)
GROUP BY e.number, e.last_day;
CREATE TABLE away AS
SELECT gap.urn, gap.number, year_of(day) AS year, sum(sessions) AS sessions
FROM gap JOIN child USING (number) JOIN held ON held.urn = gap.urn
WHERE day BETWEEN begins AND ends AND sessions > 0
    AND (reception_year IS NULL OR (
        day >= ordinal(make_date(reception_year + 1, 9, 1))
        AND day < ordinal(make_date(reception_year + 12, 9, 1))))
GROUP BY ALL;
"""

BY_SCHOOL = """
WITH counted AS (
    SELECT urn, number, year, kind, sessions, 0 AS away FROM stands
    UNION ALL SELECT urn, number, year, 0, 0, sessions FROM away
)
SELECT urn, year, count(*) FILTER (kind = 1), coalesce(sum(sessions) FILTER (kind = 1), 0),
    count(DISTINCT number) FILTER (kind = 1), count(DISTINCT number) FILTER (kind = 2),
    sum(away), count(DISTINCT number) FILTER (away > 0)
FROM counted WHERE EXISTS (
    SELECT 1 FROM known WHERE known.urn = counted.urn AND known.number = counted.number
        AND known.first_day <= ordinal(make_date(year::INTEGER + 1, 7, 31))
        AND known.last_day >= ordinal(make_date(year::INTEGER, 8, 1)))
GROUP BY urn, year ORDER BY urn, year
"""
