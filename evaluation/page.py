"""A report as one page of HTML that loads nothing: the figures, three plots, and what became of each question."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from evaluation.figures import Figure, figures, percent
from evaluation.plots import histogram, reliability_plot, risk_plot
from evaluation.questions import Question
from evaluation.report import Report
from evaluation.scoring import Outcome
from retriever.records import Citation

_UNFIT = ((0, 9), (11, 13), (14, 32), (127, 160), (0x202A, 0x202F), (0x2066, 0x206A), (0xD800, 0xE000))
_UNSHOWN = dict.fromkeys([code for first, end in _UNFIT for code in range(first, end)], "\N{REPLACEMENT CHARACTER}")

FILTERS = {
    "all": "all",
    "good": "as wanted",
    "later": "right, not first",
    "wrong": "wrong",
    "refused": "refused, wrongly",
    "anyway": "answered anyway",
}

STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--muted:#5d666f;--paper:#fff;--card:#f6f8fa;--rule:#d8dee4;--good:#1a7f45;
--poor:#b3261e;--mid:#8a5a00;--mark:#fff3bf}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--muted:#9aa4ae;--paper:#0f1419;--card:#171d24;--rule:#333b44;
--good:#56c786;--poor:#ff8b80;--mid:#e3b341;--mark:#5c4a00}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:78rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.5rem 0 .75rem}p{margin:.25rem 0 0}
.muted{color:var(--muted)}.warning{border-left:3px solid var(--mid);padding:.25rem .75rem;margin-top:1rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin-top:1.5rem}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:.75rem 1rem}
.card b{display:block;font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:1rem;margin-top:1.5rem}
.plots>div{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:.5rem}
svg{display:block;width:100%;height:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;
border-bottom:1px solid var(--rule);overflow-wrap:anywhere}
th{font-weight:600;color:var(--muted);font-size:.85rem}.number{font-variant-numeric:tabular-nums;white-space:nowrap}
.questions td{font-size:.9rem}.questions td:nth-child(2),.questions td:nth-child(5){width:24%}
.questions td:nth-child(6){width:32%}.id{width:7%;min-width:3rem}
.verdict{white-space:nowrap;font-weight:600}.good .verdict{color:var(--good)}
.wrong .verdict,.anyway .verdict{color:var(--poor)}
.refused .verdict,.later .verdict{color:var(--mid)}
mark{background:var(--mark);color:inherit;border-radius:3px}q{quotes:none;display:block;margin-bottom:.35rem}
summary{cursor:pointer;color:var(--muted)}
.filters{display:flex;flex-wrap:wrap;gap:.4rem;margin-bottom:.75rem}.filters input{position:absolute;opacity:0}
.filters label{border:1px solid var(--rule);border-radius:99px;padding:.1rem .8rem;cursor:pointer;font-size:.85rem}
.filters label:has(:checked){background:var(--ink);color:var(--paper)}
.filters label:has(:focus-visible){outline:2px solid var(--muted);outline-offset:2px}
.scroll{overflow-x:auto}@media(max-width:45rem){.questions{min-width:50rem}}
"""


def page(title: str, report: Report, outcomes: Sequence[Outcome], left_out: Sequence[Question] = ()) -> str:
    """Write the page of a report; everything that comes from a document or a question is escaped."""
    counts, curve = report.questions, report.confidence.curve
    likely = {
        kind: [o.answer.answerability for o in outcomes if o.question.answerable == kind] for kind in (True, False)
    }
    plots = (
        reliability_plot(report.confidence.reliability),
        risk_plot(curve, report.confidence.operating_point),
        histogram(likely[True], likely[False]),
    )
    asked = f"{counts.answerable:,} answerable and {counts.unanswerable:,} unanswerable questions"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{text(title)} – Footnote</title><style>{STYLE}{_filter_rules()}</style></head><body>",
            f'<h1>{text(title)}</h1><p class="muted">{asked}</p>',
            _left_out(left_out),
            f'<div class="cards">{"".join(_cards(report))}</div>',
            f'<div class="plots">{"".join(f"<div>{plot}</div>" for plot in plots)}</div>',
            "<h2>Figures</h2>",
            _figures(figures(report)),
            "<h2>Questions</h2>",
            _questions(outcomes),
            "</body></html>\n",
        ]
    )


def text(words: str) -> str:
    r"""Make words fit for a page: escaped, and what is no text or turns words around becomes a mark.

    >>> text("<b>\u202e")
    '&lt;b&gt;�'
    """
    return escape(words.translate(_UNSHOWN))


def _left_out(left_out: Sequence[Question]) -> str:
    if not left_out:
        return ""
    names = text(", ".join(question.id for question in left_out))
    return f'<p class="warning">Gold not in the library, so not scored: {len(left_out):,} ({names})</p>'


def _cards(report: Report) -> Iterable[str]:
    shown = {
        "right first": report.answers.right_first,
        "right in three": report.answers.right_in_three,
        "refused, wrongly": report.abstention.refused,
        "answered anyway": report.abstention.answered_anyway,
    }
    for name, share in shown.items():
        yield f'<div class="card"><b>{percent(share)}</b><span class="muted">{name}</span></div>'


def _figures(rows: Sequence[Figure]) -> str:
    lines = []
    for group, some in groupby(rows, lambda row: row.group):
        for n, row in enumerate(some):
            first = f"<th>{text(group)}</th>" if n == 0 else "<th></th>"
            lines.append(
                f'<tr>{first}<td>{text(row.name)}</td><td class="number">{text(row.value)}</td>'
                f'<td class="muted">{text(row.meaning)}</td></tr>'
            )
    return f"<table>{''.join(lines)}</table>"


def _questions(outcomes: Sequence[Outcome]) -> str:
    counts = {kind: sum(kind in ("all", _kind(o)) for o in outcomes) for kind in FILTERS}
    buttons = "".join(
        f'<label><input type="radio" name="show" id="show-{kind}"{" checked" if kind == "all" else ""}>'
        f"{name} {counts[kind]}</label>"
        for kind, name in FILTERS.items()
    )
    names = ("", "Question", "Verdict", "Answerability", "Confidence", "Gold", "Given")
    head = "".join(f'<th class="number">{name}</th>' for name in names)
    rows = "".join(_row(outcome) for outcome in outcomes)
    return (
        f'<div class="filters">{buttons}</div><div class="scroll"><table class="questions">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(outcome: Outcome) -> str:
    gold = "".join(f"<q>{text(quote)}</q>" for quote in outcome.question.quotes)
    return (
        f'<tr class="{_kind(outcome)}"><td class="muted id">{text(outcome.question.id)}</td>'
        f'<td>{text(outcome.question.text)}</td><td class="verdict">{outcome.verdict}</td>'
        f'<td class="number">{outcome.answer.answerability:.2f}</td>'
        f'<td class="number">{outcome.answer.confidence:.2f}</td><td>{gold or "–"}</td><td>{_given(outcome)}</td></tr>'
    )


def _given(outcome: Outcome) -> str:
    """Show the first citation, and the others folded; all of them folded where the question was refused."""
    cited = [
        f"<q>{_mark(right=mark, quoted=n > 0 or outcome.quoted)} {_in_sentence(citation)}</q>"
        for n, (citation, mark) in enumerate(zip(outcome.citations, outcome.marks, strict=True))
    ]
    shown = 0 if outcome.refused else 1
    more = "what came nearest" if outcome.refused else f"{len(cited) - shown} more"
    folded = f"<details><summary>{more}</summary>{''.join(cited[shown:])}</details>" if cited[shown:] else ""
    return "".join(cited[:shown]) + folded or "–"


def _mark(*, right: bool, quoted: bool) -> str:
    """Mark a citation; of the best it is told, too, whether it has the wrong words of a right sentence."""
    return ("✓" if quoted else "✓ sentence, ✗ quote:") if right else "✗"


def _in_sentence(citation: Citation) -> str:
    sentence, start = citation.sentence.quote, citation.span.start - citation.sentence.span.start
    end = start + len(citation.quote)
    if citation.quote == sentence:
        return text(sentence)
    return f"{text(sentence[:start])}<mark>{text(citation.quote)}</mark>{text(sentence[end:])}"


def _kind(outcome: Outcome) -> str:
    if outcome.right_at == 1 or outcome.verdict == "refused, rightly":
        return "good"
    if outcome.right_at is not None:
        return "later"
    return {"refused, wrongly": "refused", "answered anyway": "anyway"}.get(outcome.verdict, "wrong")


def _filter_rules() -> str:
    kinds = [kind for kind in FILTERS if kind != "all"]
    return "".join(f"body:has(#show-{kind}:checked) .questions tbody tr:not(.{kind}){{display:none}}" for kind in kinds)
