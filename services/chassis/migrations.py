"""Alembic without its command line: one history for each service, run by the service itself."""

from __future__ import annotations

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from services.chassis.database.engines import writer_engine


def upgrade(url: str, package: str) -> None:
    """Bring the database at `url` to the newest version of `package`'s history.

    Args:
        url: The service's database.
        package: Such as `services.fund`; its versions stand in `migrations/versions`.
    """
    engine = writer_engine(url)
    try:
        _run(engine, package)
    finally:
        engine.dispose()


def _run(engine: Engine, package: str) -> None:
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    script = ScriptDirectory.from_config(config)

    def steps(revision: object, _context: MigrationContext) -> list[object]:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type, return-value] # noqa: SLF001 (Alembic offers no public name for it)

    environment = EnvironmentContext(config, script, fn=steps, destination_rev="head")
    with environment, engine.connect() as connection:
        environment.configure(
            connection=connection, render_as_batch=connection.dialect.name == "sqlite"
        )
        with connection.begin(), environment.begin_transaction():
            environment.run_migrations()
