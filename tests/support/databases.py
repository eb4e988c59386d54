"""A fresh, empty database for each test that asks, on both kinds."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.postgres import psycopg_url
from tests.support.providers import Provided

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DIALECTS = (SQLITE, POSTGRESQL)

Prepare = Callable[[str], object]
"""Brings the empty database at a URL to the state that a template keeps."""


class Databases:
    """Makes databases and, where preparing one is slow, copies a prepared one."""

    def __init__(self, directory: Path, postgres: Callable[[], Provided]) -> None:
        self._directory = directory
        self._postgres = postgres
        self._templates: dict[tuple[str, str], str] = {}
        self._made: list[str] = []

    def fresh(self, dialect: str) -> str:
        """Return the URL of an empty database."""
        return self._create(dialect, template=None)

    def prepared(self, dialect: str, key: str, prepare: Prepare) -> str:
        """Return the URL of a copy of the database that `prepare` made once for `key`.

        `prepare` must have closed its connections when it returns.
        """
        if (dialect, key) not in self._templates:
            url = self.fresh(dialect)
            prepare(url)
            self._templates[dialect, key] = url
        return self._create(dialect, template=self._templates[dialect, key])

    def close(self) -> None:
        """Drop what was made on a server that outlives the run."""
        if not self._made or self._postgres().disposable:
            return
        with self._administrator() as connection:
            for name in self._made:
                connection.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def _create(self, dialect: str, template: str | None) -> str:
        name = f"t{uuid.uuid4().hex}"
        if dialect == SQLITE:
            path = self._directory / f"{name}.db"
            if template is not None:
                shutil.copyfile(template.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        source = template.rpartition("/")[2] if template else "template0"
        with self._administrator() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(source)
                )
            )
        self._made.append(name)
        return f"{self._postgres().url.rpartition('/')[0]}/{name}"

    @contextmanager
    def _administrator(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(psycopg_url(self._postgres().url), autocommit=True) as connection:
            yield connection
