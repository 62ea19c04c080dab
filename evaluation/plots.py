"""Plots as SVG, drawn here: each stands alone as a file, follows a light or dark surrounding, and loads nothing."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from evaluation.metrics import Bin, likely_range

NAMESPACE = "http://www.w3.org/2000/svg"
WIDTH, HEIGHT = 440, 360
LEFT, RIGHT, TOP, BOTTOM = 54, 16, 58, 48
BARS = 20
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

STYLE = """
.plot{--ink:#1f2328;--muted:#5d666f;--grid:#dde2e7;--one:#1769c2;--two:#bd5b12;--fill:#1769c226;
font:12px system-ui,-apple-system,"Segoe UI",sans-serif}
@media(prefers-color-scheme:dark){.plot{--ink:#e6edf3;--muted:#9aa4ae;--grid:#333b44;--one:#5aa9f7;--two:#f0a15c;
--fill:#5aa9f733}}
.plot text{fill:var(--muted)}.plot .subtitle{font-size:11px}.plot .title{fill:var(--ink);font-size:14px;font-weight:600}
.plot .grid{stroke:var(--grid)}.plot .rule{stroke:var(--muted);stroke-dasharray:5 4}
.plot .line{fill:none;stroke:var(--one);stroke-width:2;stroke-linejoin:round}.plot .range{stroke:var(--one);opacity:.45}
.plot .dot,.plot .one{fill:var(--one)}.plot .two{fill:var(--two)}.plot .area{fill:var(--fill)}
"""


@dataclass(frozen=True, slots=True)
class Axes:
    """Where values lie on the drawing: x from 0 to 1, y from `low` to `high`, in pixels from the upper left."""

    low: float = 0.0
    high: float = 1.0

    def x(self, value: float) -> float:
        """Place a value from left to right."""
        return round(LEFT + value * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        """Place a value from below to above."""
        return round(HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM), 1)

    def point(self, x: float, y: float) -> str:
        """Give both places, as a list of points takes them."""
        return f"{self.x(x)},{self.y(y)}"


def reliability_plot(bins: Sequence[Bin], title: str = "Is the confidence true?") -> str:
    """Draw the share quoted right over the confidence, a dot for a bin with its 95 % interval; true on the diagonal."""
    axes = Axes()
    line = " ".join(axes.point(b.confidence, b.right) for b in bins)
    drawn = [
        f'<polyline class="rule" fill="none" points="{axes.point(0, 0)} {axes.point(1, 1)}"/>',
        *(_range(axes, b) for b in bins),
        f'<polyline class="line" points="{line}"/>',
        *(
            _dot(
                axes, b.confidence, b.right, f"{b.count} questions: confidence {b.confidence:.2f}, right {b.right:.2f}"
            )
            for b in bins
        ),
    ]
    asked = sum(b.count for b in bins)
    return _drawing(
        (title, f"{asked:,} questions in {len(bins)} bins of equal size, each with its 95 % interval"),
        below="confidence",
        beside="share quoted right",
        axes=axes,
        ticks=[(tick, f"{tick:g}") for tick in TICKS],
        drawn=drawn,
    )


def risk_plot(
    curve: Sequence[tuple[float, float]],
    operating_point: tuple[float, float] | None = None,
    title: str = "How much is wrong of what is answered?",
) -> str:
    """Draw the share quoted wrong over the share answered, the surest first, and the point that the refusals make."""
    worst = max(risk for _, risk in curve)
    axes = Axes(high=next(high for high in (0.1, *TICKS[1:]) if high >= worst))
    line = " ".join(axes.point(coverage, risk) for coverage, risk in curve)
    everything = curve[-1][1]
    drawn = [
        f'<polygon class="area" points="{axes.point(curve[0][0], 0)} {line} {axes.point(1, 0)}"/>',
        f'<polyline class="rule" fill="none" points="{axes.point(0, everything)} {axes.point(1, everything)}"/>',
        f'<polyline class="line" points="{line}"/>',
    ]
    if operating_point is not None:
        said = f"as it refuses now: {operating_point[0]:.0%} answered, {operating_point[1]:.0%} of these wrong"
        drawn.append(_dot(axes, *operating_point, said))
    return _drawing(
        (title, "the dot: as it refuses now; dashed: everything answered"),
        below="share answered, the surest first",
        beside="share quoted wrong",
        axes=axes,
        ticks=[(axes.high * tick, f"{axes.high * tick:.0%}") for tick in FIFTHS],
        drawn=drawn,
    )


def histogram(
    answerable: Sequence[float], unanswerable: Sequence[float], title: str = "Does it know what the documents say?"
) -> str:
    """Draw how many questions have which answerability: answerable ones upwards, unanswerable ones downwards."""
    up, down = _counts(answerable), _counts(unanswerable)
    step = _step(max(*up, *down, 1))
    axes = Axes(-step * math.ceil(max(down) / step), step * math.ceil(max(*up, 1) / step))
    drawn = [
        *(_bar(axes, n, count, "one") for n, count in enumerate(up) if count),
        *(_bar(axes, n, -count, "two") for n, count in enumerate(down) if count),
    ]
    marks = range(round(axes.low / step), round(axes.high / step) + 1)
    ticks = [(float(n * step), f"{abs(n * step)}") for n in marks]
    about = f"{len(answerable):,} answerable upwards, {len(unanswerable):,} unanswerable downwards"
    return _drawing((title, about), below="answerability", beside="questions", axes=axes, ticks=ticks, drawn=drawn)


def _drawing(
    titles: tuple[str, str],
    *,
    below: str,
    beside: str,
    axes: Axes,
    ticks: Iterable[tuple[float, str]],
    drawn: Iterable[str],
) -> str:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    grid = [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{axes.y(y)}" y2="{axes.y(y)}"/>'
        + _text(LEFT - 8, axes.y(y) + 4, label, "tick", "end")
        for y, label in ticks
    ]
    return "\n".join(
        [
            f'<svg xmlns="{NAMESPACE}" class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{escape(titles[0])}</title>",
            f"<style>{STYLE}</style>",
            _text(LEFT, 20, titles[0], "title", "start"),
            _text(LEFT, 38, titles[1], "subtitle", "start"),
            *grid,
            *(_text(axes.x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}", "tick", "middle") for tick in TICKS),
            _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, below, "axis", "middle"),
            f'<g transform="rotate(-90 14 {middle})">{_text(14, middle, beside, "axis", "middle")}</g>',
            *drawn,
            "</svg>",
        ]
    )


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def _dot(axes: Axes, x: float, y: float, said: str) -> str:
    return f'<circle class="dot" cx="{axes.x(x)}" cy="{axes.y(y)}" r="4.5"><title>{escape(said)}</title></circle>'


def _range(axes: Axes, b: Bin) -> str:
    low, high = likely_range(b.right, b.count)
    x = axes.x(b.confidence)
    return f'<line class="range" x1="{x}" x2="{x}" y1="{axes.y(low)}" y2="{axes.y(high)}"/>'


def _bar(axes: Axes, n: int, count: int, kind: str) -> str:
    left, right = axes.x(n / BARS) + 1, axes.x((n + 1) / BARS) - 1
    top, bottom = axes.y(max(count, 0)), axes.y(min(count, 0))
    said = f"{abs(count)} from {n / BARS:.2f} to {(n + 1) / BARS:.2f}"
    return (
        f'<rect class="{kind}" x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}">'
        f"<title>{said}</title></rect>"
    )


def _counts(shares: Iterable[float]) -> list[int]:
    counts = [0] * BARS
    for share in shares:
        counts[min(max(int(share * BARS), 0), BARS - 1)] += 1
    return counts


def _step(most: int) -> int:
    """Choose a round distance of ticks, so that there are at most five up to `most`.

    >>> _step(3), _step(23), _step(700)
    (1, 5, 200)
    """
    size: int = 10 ** max(math.floor(math.log10(most)) - 1, 0)
    return next(factor * size for factor in (1, 2, 5, 10, 20) if most <= 5 * factor * size)
