"""The process that draws: one line of JSON in, one line out; it ends when nobody asked for a while.

Altair and vl-convert (a JavaScript engine) take 150 MB and hold Python's lock while they draw, so they are kept out of
the process that takes people's messages. Started by drawing.py.
"""

import json
import select
import sys
from typing import Any

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from console.dashboards.tidying import tidy

IDLE = 1800
"""Seconds without work after which the process ends."""
WIDTH, HEIGHT = 340, 150
"""In CSS pixels: as wide as a phone's column, so that letters keep their size there."""
BRAND, QUIET, LINE, INK = "#0f5c5c", "#56615f", "#ddd8ce", "#1c2526"
ROW, THICK = 36, 11
"""Height of a bar with its words above it, and of the bar alone."""


def draw(sketch: dict[str, Any]) -> str:
    """The SVG of a sketch (drawing.Sketch).

    Charts take their properties as they are made, and values in channels of their own: `properties()` and `value()`
    search Altair's whole schema each time, which takes longer than the drawing itself.
    """
    with debug_mode(False):  # Altair checks each piece of each chart against its schema; our pieces are always the same
        chart = _columns(sketch) if sketch["kind"] == "columns" else _bars(sketch)
        spec = chart.configure(font="sans-serif").configure_view(stroke=None).to_dict(validate=False)
    return tidy(vl_convert.vegalite_to_svg(spec), sketch["rtl"])


def _columns(sketch: dict[str, Any]) -> Any:
    """Numbers over time, side by side; the time runs as the script does."""
    rows = [{"i": i, "n": n or 0} for i, n in enumerate(sketch["values"])]
    words = {str(i): text for i, text in sketch["ticks"]}
    heights = {str(step): text for step, text in sketch["steps"]}
    across = alt.Axis(
        values=[i for i, _ in sketch["ticks"]],
        labelExpr=f"({json.dumps(words)})[datum.value]",
        labelAngle=0,
        labelOverlap=False,
        labelColor=INK,
        labelFontSize=11,
        title=None,
        ticks=False,
        labelPadding=5,
        domainColor=QUIET,
    )
    up = alt.Axis(
        values=[step for step, _ in sketch["steps"]],
        labelExpr=f"({json.dumps(heights)})[datum.value]",
        labelOverlap=False,
        labelColor=INK,
        labelFontSize=11,
        orient="right" if sketch["rtl"] else "left",
        title=None,
        ticks=False,
        domain=False,
        gridColor=LINE,
    )
    return (
        alt.Chart(alt.InlineData(values=rows), width=WIDTH - 40, height=HEIGHT, padding=2)
        .mark_bar(color=BRAND)
        .encode(
            x=alt.X(
                "i",
                type="ordinal",
                scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1, reverse=sketch["rtl"]),
                axis=across,
            ),
            y=alt.Y("n", type="quantitative", scale=alt.Scale(domain=[0, sketch["steps"][-1][0]], nice=False), axis=up),
        )
    )


def _bars(sketch: dict[str, Any]) -> Any:
    """One bar a row, the words above it, the number at its end; what is hidden has no bar and quiet words."""
    rows = [
        {"t": label, "n": n or 0, "s": shown, "c": QUIET if n is None else INK, "y": i * ROW, "y2": i * ROW + THICK}
        for i, (label, n, shown) in enumerate(zip(sketch["labels"], sketch["values"], sketch["shown"], strict=True))
    ]
    rtl, most = sketch["rtl"], max(max(row["n"] for row in rows), 1)
    across = alt.Scale(domain=[0, most], range=[WIDTH, 60] if rtl else [0, WIDTH - 60], nice=False)
    down = alt.Scale(domain=[-20, ROW * len(rows) - 20], range=[0, ROW * len(rows)], nice=False)
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=alt.Y("y", type="quantitative", scale=down, axis=None))
    side: Any
    side, begin = ("right", WIDTH) if rtl else ("left", 0)
    edges: Any = (alt.XValue, alt.X2Value)  # Altair gives these no types
    start, start2 = (edge(begin) for edge in edges)
    ink = alt.Color("c", type="nominal", scale=None)
    words = base.mark_text(align=side, baseline="bottom", dy=-3, fontSize=12).encode(
        x=start, text=alt.Text("t", type="nominal"), color=ink
    )
    length = alt.X("n", type="quantitative", scale=across, axis=None)
    bars = base.mark_rect(color=BRAND).encode(x=length, x2=start2, y2=alt.Y2("y2"))
    numbers = base.mark_text(align=side, baseline="top", dx=-5 if rtl else 5, fontSize=12, fontWeight="bold")
    numbers = numbers.encode(x=length, text=alt.Text("s", type="nominal"), color=ink)
    return alt.layer(words, bars, numbers, width=WIDTH, height=ROW * len(rows), padding=2)


def main() -> None:
    """Draw what is asked for until nobody asks any more."""
    while select.select([sys.stdin], [], [], IDLE)[0]:
        line = sys.stdin.readline()
        if not line:
            return
        try:
            answer = {"svg": draw(json.loads(line))}
        except Exception as error:  # noqa: BLE001 - one sketch that fails must not end the drawing of others
            answer = {"error": type(error).__name__}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
