"""How one rule becomes a trigger on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from services.fund.domain.policy import DEFAULT, to_content

_DEFAULT = json.dumps(to_content(DEFAULT))
_NEWEST = "FROM approval_policies a WHERE a.tenant = NEW.tenant ORDER BY a.version DESC LIMIT 1"
_CONTENT = f"COALESCE((SELECT a.content {_NEWEST}), '{_DEFAULT}')"


def _in(json_: str, path: str) -> str:
    """Return what SQLite finds in JSON; a trigger there may call json_each and no other of them."""
    return f"(SELECT j.value FROM json_each({json_}, '$.{path}') j)"  # noqa: S608 (our own text)


def _of_rung(place: int) -> str:
    return f"(SELECT j.value FROM json_each(r.value, '$[{place}]') j)"  # noqa: S608 (our own text)


SQLITE = {
    ":differs": "IS NOT",
    ":text": "",
    ":day": "DATE(NEW.decided_at)",
    ":next_day": "DATE(NEW.decided_at, '+1 day')",
    ":approvers": f"""(
        SELECT {_of_rung(2)} FROM json_each({_CONTENT}, '$.rungs') r
        WHERE {_of_rung(0)} IN ('', p.category)
          AND COALESCE({_of_rung(1)}, NEW.counted) >= NEW.counted
        ORDER BY r.key LIMIT 1)""",  # noqa: S608 (our own text)
    ":auto_up_to": _in(_CONTENT, "auto[1]"),
    ":auto_categories": _in(_CONTENT, "auto[0]"),
    ":tolerated": f"""MIN(
        {_in(_CONTENT, "tolerance")},
        d.amount * {_in(_CONTENT, "tolerance_basis_points")} / 10000)""",
}
"""What SQLite says for the words that the two databases have no common form of."""

_JSON = _CONTENT.replace(f"'{_DEFAULT}'", f"'{_DEFAULT}'::json")
POSTGRESQL = {
    ":differs": "IS DISTINCT FROM",
    ":text": "::text",
    ":day": "(NEW.decided_at AT TIME ZONE 'UTC')::date",
    ":next_day": "((NEW.decided_at AT TIME ZONE 'UTC')::date + 1)",
    ":approvers": f"""(
        SELECT (r.value->>2)::int
        FROM json_array_elements({_JSON}->'rungs') WITH ORDINALITY r(value, place)
        WHERE r.value->>0 IN ('', p.category)
          AND COALESCE((r.value->>1)::bigint, NEW.counted) >= NEW.counted
        ORDER BY r.place LIMIT 1)""",  # noqa: S608 (our own text)
    ":auto_up_to": f"({_JSON}->'auto'->>1)::bigint",
    ":auto_categories": f"(SELECT json_array_elements_text({_JSON}->'auto'->0))",
    ":tolerated": f"""LEAST(
        ({_JSON}->>'tolerance')::bigint,
        d.amount * ({_JSON}->>'tolerance_basis_points')::bigint / 10000)""",
}
"""The same for PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A rule that a row is held against before it is written.

    Attributes:
        event: Such as `INSERT ON decisions`.
        message: What whoever breaks it is told.
        when: A condition on the row alone; rows that it does not hold for cost no more than it.
        broken: A condition that may read other rows; empty: `when` says all.
    """

    name: str
    event: str
    message: str
    when: str = ""
    broken: str = ""


def prepare(connection: Connection) -> None:
    """Make what the triggers of PostgreSQL share."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'check_violation'; END $$"
        )


def write(connection: Connection, guard: Guard) -> None:
    """Put one guard on its table."""
    sqlite = connection.dialect.name == "sqlite"
    when, broken = guard.when, guard.broken
    for word, form in (SQLITE if sqlite else POSTGRESQL).items():
        when, broken = when.replace(word, form), broken.replace(word, form)
    if sqlite:
        all_ = " AND ".join(f"({each})" for each in (when, broken) if each)
        condition = f" WHEN {all_}" if all_ else ""
        connection.exec_driver_sql(
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event}{condition} "
            f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
        )
        return
    function = f"refused('{guard.message}')"
    if broken:
        function = f"{guard.name}()"
        row = "OLD" if guard.event.startswith("DELETE") else "NEW"
        raised = f"RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'check_violation'"
        connection.exec_driver_sql(
            f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {broken} THEN {raised}; END IF; RETURN {row}; END $$"
        )
    condition = f" WHEN ({when})" if when else ""
    connection.exec_driver_sql(
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} "
        f"FOR EACH ROW{condition} EXECUTE FUNCTION {function}"
    )
