"""The command line of localresponse; `python -m services` is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="localresponse",
    help="The local response fund, and the outcomes ledger beside it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
imports = typer.Typer(help="Bring data in.", no_args_is_help=True)
dead_letters = typer.Typer(help="Events that a consumer could not take.", no_args_is_help=True)
app.add_typer(imports, name="import")
app.add_typer(dead_letters, name="dead-letters")

Json = Annotated[bool, typer.Option("--json", help="Print JSON lines, for programs.")]
Data = Annotated[Path, typer.Option("--data", help="The directory of the demonstration.")]
Service = Annotated[str, typer.Argument(help="fund, outcomes or notify")]


@app.command()
def demo(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Run the main job in a throwaway directory, and exit.")
    ] = False,
    data: Data = Path("var"),
    port: Annotated[int, typer.Option(help="Of the pages; 0 is any free one.")] = 8080,
    exit_when_ready: Annotated[
        bool, typer.Option("--exit-when-ready", help="Build it, then end.")
    ] = False,
) -> None:
    """Run everything on this machine with a fictional council in it."""
    from services.cli import demonstrating

    if check:
        raise typer.Exit(demonstrating.check())
    raise typer.Exit(demonstrating.visit(data, port, leave=exit_when_ready))


@app.command()
def serve(
    part: Annotated[str, typer.Argument(help="fund, outcomes, notify, gateway or all")],
) -> None:
    """Serve one part, or all, as the LOCALRESPONSE_* settings say."""
    from services.cli import serving

    serving.run(part)


@app.command()
def migrate(service: Annotated[str, typer.Argument(help="a service, or all")] = "all") -> None:
    """Bring databases to the newest version of their schema."""
    from services.cli import maintaining

    maintaining.migrate(service)


@app.command()
def token(
    persona: Annotated[str, typer.Argument(help="Such as officer-1.")], data: Data = Path("var")
) -> None:
    """Print a bearer token of five minutes for a persona of the demonstration."""
    from services.cli import demonstrating

    raise typer.Exit(demonstrating.token(data, persona))


@app.command()
def simulate(
    *,
    true_effect: Annotated[float, typer.Option(help="Percentage points of attendance.")] = 0.0,
    children: Annotated[int, typer.Option(min=2, max=5000)] = 20,
    runs: Annotated[int, typer.Option(min=1, max=10_000)] = 200,
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 2,
    as_json: Json = False,
) -> None:
    """Say what so many children could show: the analysis on generated children of known truth."""
    from services.cli import simulating
    from services.outcomes.simulate import Study

    study = Study(true_effect=true_effect, children=children, runs=runs, seed=seed)
    raise typer.Exit(simulating.simulate(study, as_json=as_json))


@imports.command("dfe-daily")
def import_dfe_daily(
    file: Annotated[Path, typer.Argument(help="The DfE's daily counts by register code, CSV.")],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with what was published.")
    ] = False,
    as_json: Json = False,
    authority: Annotated[str | None, typer.Option(help="Only this authority, by name.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Keep the database here; else throw it away.")
    ] = None,
) -> None:
    """Replay published daily counts as single marks, through the path of a school's file."""
    from services.outcomes.imports import dfe_daily

    raise typer.Exit(
        dfe_daily.run(file, check=check, as_json=as_json, authority=authority, data=data)
    )


@imports.command("dfe-weekly")
def import_dfe_weekly(
    file: Annotated[Path, typer.Argument(help="The DfE's weekly figures by publication, Parquet.")],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Read each as of its date, and compare.")
    ] = False,
    authority: Annotated[str | None, typer.Option(help="Only this authority, by name.")] = None,
    as_json: Json = False,
) -> None:
    """Replay published figures and their later corrections, each recorded at its own date."""
    from services.outcomes.imports import dfe_weekly

    raise typer.Exit(dfe_weekly.run(file, check=check, authority=authority, as_json=as_json))


@imports.command("published-weeks")
def import_published_weeks(
    file: Annotated[Path, typer.Argument(help="The DfE's weekly figures by publication, Parquet.")],
    authority: Annotated[str, typer.Argument(help="The authority's ONS code.")],
) -> None:
    """Record what was published of an authority and of its statistical neighbours."""
    from services.cli import maintaining

    raise typer.Exit(maintaining.import_published_weeks(file, authority))


@imports.command("schools")
def import_schools(
    file: Annotated[Path, typer.Argument(help="GIAS's establishments, or the DfE's register.")],
    authority: Annotated[str, typer.Argument(help="The authority's ONS code.")],
    *,
    links: Annotated[Path | None, typer.Option(help="GIAS's links, for predecessors.")] = None,
) -> None:
    """Add or replace an authority's schools from a published file."""
    from services.cli import maintaining

    raise typer.Exit(maintaining.import_schools(file, authority, links=links))


@dead_letters.command("list")
def list_dead_letters(service: Service, *, as_json: Json = False) -> None:
    """List the events that wait for a person; ids only."""
    from services.cli import maintaining

    maintaining.list_dead_letters(service, as_json=as_json)


@dead_letters.command("replay")
def replay_dead_letter(service: Service, dead_letter: Annotated[str, typer.Argument()]) -> None:
    """Give one of them to its consumer again."""
    from services.cli import maintaining

    raise typer.Exit(maintaining.replay(service, dead_letter))


@app.command()
def verify(
    what: Annotated[str, typer.Argument(help="audit, ledger, outcomes, feed or release")],
    service: Annotated[
        str, typer.Argument(help="a service, or all; for a feed or a release, its file")
    ] = "all",
    checkpoint: Annotated[
        Path | None, typer.Option(help="Of a feed: a file of signed checkpoints.")
    ] = None,
    key: Annotated[str, typer.Option(help="Of a feed: the public key, or a file of it.")] = "",
) -> None:
    """Check a ledger on a live database, or a file of an evaluator's offline."""
    from services.cli import maintaining, verifying

    if what == "feed":
        raise typer.Exit(verifying.feed(Path(service), checkpoint, key))
    if what == "release":
        raise typer.Exit(verifying.release(Path(service)))
    raise typer.Exit(maintaining.verify(what, service))


@app.command()
def export(
    report: Annotated[str, typer.Argument(help="Such as funder, journal or beancount.")],
    authority: Annotated[str, typer.Option(help="Its ONS code, such as E06000050.")],
    *,
    source: Annotated[str, typer.Option(help="Only this source, by id.")] = "",
    purchase: Annotated[str, typer.Option(help="The purchase of an audit, by id.")] = "",
    as_json: Json = False,
) -> None:
    """Write a report of the fund to standard output, as CSV or JSON lines."""
    from services.cli import exporting

    wanted = exporting.Wanted(
        name=report,
        authority=authority,
        source_id=source,
        purchase_id=purchase,
        as_json=as_json,
    )
    raise typer.Exit(exporting.export(wanted))


def main() -> None:
    """Run the command line; the entry point of the distribution."""
    app()


if __name__ == "__main__":
    main()
