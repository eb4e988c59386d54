"""Charts drawn on the server as plain SVG: no script, no inline style, legible in print.

Each chart comes in a wide and a narrow drawing, because one scaled to both would shrink its text
to nothing on a phone. A page shows one of the two by a media query, and the numbers in a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDE = 720
NARROW = 360

# Contrast with white is held by a test: 4.5 for text, 3 for marks.
TEXT = "#0b0c0c"
MUTED = "#484949"
BAR = "#3d8f86"
MARK = "#00524c"
GRID = "#cecece"

TEXT_SIZE = 14
ROW_HEIGHT = 64
HEADER = 30
FOOTER = 44
EDGE = 12.0


@dataclass(frozen=True, slots=True)
class Row:
    """One group: what was spent on it and how its attendance changed.

    Attributes:
        label: Name of the group, at most some 30 characters.
        spend_minor: Pence spent.
        change: Percentage points, positive is better; None where it is withheld or unknown.
        low: Lower end of the interval of the change, if there is one.
        high: Upper end of it.
    """

    label: str
    spend_minor: int
    change: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight map from values to places on the paper."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Where a value is drawn, in units of the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the two halves of the chart: its scale and the ticks under it."""

    scale: Scale
    ticks: tuple[float, ...]


def figure(rows: Sequence[Row], *, ident: str, title: str, description: str) -> Markup:
    """Both drawings of spend beside change; a page shows the one that fits.

    Args:
        rows: At least one group, in the order to draw.
        ident: Prefix of the ids inside, unique on its page.
        title: The finding in one sentence, read aloud as the name of the picture.
        description: What is drawn, for people who do not see it.
    """
    drawings = []
    for name, width in (("wide", WIDE), ("narrow", NARROW)):
        body = Markup("").join(_drawing(rows, width))
        height = HEADER + ROW_HEIGHT * len(rows) + FOOTER
        drawings.append(
            Markup(
                '<svg class="lrf-chart lrf-chart--{name}" viewBox="0 0 {width} {height}" '
                'width="{width}" height="{height}" role="img" focusable="false" '
                'aria-labelledby="{ident}-{name}-t {ident}-{name}-d">'
                '<title id="{ident}-{name}-t">{title}</title>'
                '<desc id="{ident}-{name}-d">{description}</desc>{body}</svg>'
            ).format(
                name=name,
                width=width,
                height=height,
                ident=ident,
                title=title,
                description=description,
                body=body,
            )
        )
    return Markup("").join(drawings)


def nice_step(span: float, parts: int) -> float:
    """Return the least of 1, 2 or 5 times a power of ten that cuts the span into so many."""
    rough = span / parts
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= rough)


def _drawing(rows: Sequence[Row], width: int) -> Iterator[Markup]:
    gap = 28
    half = (width - gap) / 2
    spend = _spend_panel(rows, start=EDGE, end=half - 24)
    change = _change_panel(rows, start=half + gap, end=width - 24.0)
    bottom = HEADER + ROW_HEIGHT * len(rows)
    yield _text((EDGE, 16), "Spend", bold=True)
    yield _text((half + gap, 16), "Attendance change", bold=True)
    for panel, kind in ((spend, "pounds"), (change, "points")):
        for tick in panel.ticks:
            x = panel.scale.place(tick)
            dashed = tick == 0 and kind == "points"
            yield _line((x, HEADER), (x, bottom), colour=TEXT if dashed else GRID, dashed=dashed)
            yield _text((x, bottom + 18), _tick_label(tick, kind), anchor="middle", colour=MUTED)
    yield _text((half + gap, bottom + 38), "percentage points", colour=MUTED)
    for index, row in enumerate(rows):
        yield from _row(row, spend.scale, change.scale, top=HEADER + ROW_HEIGHT * index)


def _row(row: Row, spend: Scale, change: Scale, *, top: float) -> Iterator[Markup]:
    middle = top + 42
    yield _text((EDGE, top + 22), row.label)
    end = spend.place(row.spend_minor / 100)
    yield Markup('<rect x="{}" y="{}" width="{}" height="14" fill="{}"/>').format(
        spend.start, middle - 7, max(round(end - spend.start, 1), 1), BAR
    )
    if row.change is None:
        yield _text((change.place(0) + 8, middle + 5), "not shown", colour=MUTED)
        return
    if row.low is not None and row.high is not None:
        left, right = change.place(row.low), change.place(row.high)
        yield _line((left, middle), (right, middle), colour=MARK, thick=True)
        for x in (left, right):
            yield _line((x, middle - 6), (x, middle + 6), colour=MARK, thick=True)
    yield Markup('<circle cx="{}" cy="{}" r="5" fill="{}"/>').format(
        change.place(row.change), middle, MARK
    )


def _spend_panel(rows: Sequence[Row], *, start: float, end: float) -> Panel:
    largest = max(max(row.spend_minor for row in rows) / 100, 1.0)
    # A label of pounds needs some 60 units, more than one of points.
    step = nice_step(largest, 3 if end - start > 200 else 2)
    high = step * math.ceil(largest / step)
    ticks = tuple(step * number for number in range(round(high / step) + 1))
    return Panel(Scale(0.0, high, start, end), ticks)


def _change_panel(rows: Sequence[Row], *, start: float, end: float) -> Panel:
    values = [
        value for row in rows for value in (row.change, row.low, row.high) if value is not None
    ]
    low, high = min(values, default=0.0), max(values, default=0.0)
    low, high = min(low, 0.0), max(high, 0.0)
    step = nice_step(max(high - low, 1.0), 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)
    ticks = tuple(step * number for number in range(first, last + 1))
    return Panel(Scale(ticks[0], ticks[-1], start, end), ticks)


def _tick_label(value: float, kind: str) -> str:
    if kind == "pounds":
        return f"£{value:,.0f}" if value < 10_000 else f"£{value / 1000:,.0f}k"
    sign = "\N{MINUS SIGN}" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{abs(value):g}"


def _text(
    at: tuple[float, float],
    text: str,
    *,
    anchor: str = "start",
    colour: str = TEXT,
    bold: bool = False,
) -> Markup:
    return Markup(
        '<text x="{}" y="{}" text-anchor="{}" fill="{}" font-size="{}" font-weight="{}">{}</text>'
    ).format(round(at[0], 1), at[1], anchor, colour, TEXT_SIZE, "bold" if bold else "normal", text)


def _line(
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    colour: str,
    dashed: bool = False,
    thick: bool = False,
) -> Markup:
    dash = Markup(' stroke-dasharray="4 3"') if dashed else Markup("")
    return Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>').format(
        *start, *end, colour, 2.5 if thick else 1, dash
    )
