"""A register as most would keep it: one keyed row for each child, date and session."""

from __future__ import annotations

import csv
import sqlite3
import time
from pathlib import Path

import psycopg


def forget(dsn: str) -> None:
    """Drop PostgreSQL's table."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS ref_mark")


def copy_rate(dsn: str, file: Path) -> float:
    """Return rows a second of PostgreSQL's COPY of one more file into the keyed table."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS ref_mark (upn text, urn text, day date, session text, "
            "code text, PRIMARY KEY (upn, day, session))"
        )
        start = time.perf_counter()
        with connection.cursor() as cursor:
            with (
                cursor.copy("COPY ref_mark FROM STDIN (FORMAT csv, HEADER)") as copy,
                file.open("rb") as content,
            ):
                while block := content.read(1 << 20):
                    copy.write(block)
            rows = cursor.rowcount
        return rows / (time.perf_counter() - start)


def executemany_rate(database: Path, file: Path) -> float:
    """Return rows a second of SQLite's executemany of one more file into the same key."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS ref_mark (upn TEXT, urn TEXT, day TEXT, session TEXT, "
        "code TEXT, PRIMARY KEY (upn, day, session))"
    )
    start = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as content, connection:
        rows = csv.reader(content)
        next(rows)
        cursor = connection.executemany("INSERT INTO ref_mark VALUES (?, ?, ?, ?, ?)", rows)
        count = cursor.rowcount
    took = time.perf_counter() - start
    connection.close()
    return count / took
