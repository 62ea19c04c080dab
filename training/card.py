"""The model card: what the reader is, what it was made of, and how well it reads."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

from training.calibrating import REFUSED

LICENCES = {
    "squad20_half_a": ("SQuAD 2.0, twelve articles of its development set", "CC BY-SA 4.0"),
    "shift_new_wiki": ("SQuADShifts, Wikipedia", "CC BY 4.0"),
    "shift_amazon_reviews": ("SQuADShifts, reviews", "CC BY 4.0"),
    "qamr": ("QAMR, questions about single sentences", "MIT"),
    "qed_dev": ("QED, Natural Questions with spans", "CC BY-SA 3.0"),
    "cuad_a": ("CUAD, contracts", "CC BY 4.0"),
    "medquad": ("MedQuAD, medical pages", "CC BY 4.0"),
    "own": ("the question set of this project", "`training/questions/README.md`"),
}

_HEAD = """# The reader

A network of 22 million parameters (int8 ONNX) that reads a question with a passage and says of every token how well
an answer starts and ends there and whether it is evidence, and of the passage whether it answers. It starts from the
weights of all-MiniLM-L6-v2 (Apache-2.0). English; lower and upper case are one to it.

`make reader` makes a reader of this kind: it reads `../shared/data` (another folder: `make reader DATA=…`), goes on
where it was interrupted, uses a GPU where there is one, and writes such a card. On two cores it takes hours.
"""

_LIMITS = """## What it is not for

It was trained on English prose of encyclopaedias, reviews, contracts, medical pages, guides and specifications, and on
announcements, briefs, minutes, letters, policies and the like that were written for it. It has no knowledge of its own
and does not reason over several passages: it finds words. It sees 320 tokens at once, question included, and longer
passages in windows that overlap by 96. Its confidence is fitted on questions over some 1,000 passages; in a library of
another kind, check it with `footnote eval`.
"""


def card(manifest: Mapping[str, Any]) -> str:
    """Write the card of a manifest, in Markdown."""
    parts = (_HEAD, _files(manifest), _training(manifest["training"]), _figures(manifest["development"]), _LIMITS)
    return "\n".join(parts)


def _files(manifest: Mapping[str, Any]) -> str:
    rows = [[f"`{name}`", f"`{digest}`"] for name, digest in manifest["files"].items()]
    threshold = manifest["calibration"]["threshold"]
    return (
        f"## Files\n\n{_table(('File', 'sha256'), rows)}\n"
        "`reader.json` holds these hashes, the calibration and all figures below. The hashes are verified whenever\n"
        "the reader is loaded.\n\n"
        f"Below an answerability of {threshold} the answer is that the documents do not say: there, "
        f"one in {round(1 / REFUSED)} of\nthe development questions whose answer was found is refused.\n"
    )


def _training(about: Mapping[str, Any]) -> str:
    names = list(about["examples"])
    rows = [
        [of, licence, *(f"{about['examples'][stage].get(name, 0):,}" for stage in names)]
        for name, (of, licence) in LICENCES.items()
    ]
    heads = ("Data", "Licence", *(f"examples, {name}" for name in names))
    how = (
        f"{about['steps']:,} steps, seed {about['seed']}, recipe `{about['recipe'][:16]}` (the hash of all examples in "
        f"their order and of the settings of the loop), from weights `{about['start'][:16]}`. What is made is the mean "
        "of the weights along the last stage. The four development articles are in no example. Unanswered examples "
        "from the second stage on are SQuAD's and our own, passages that look alike, and questions turned by tables "
        "into ones that their passage does not answer (`training/nearmisses.py`)."
    )
    return f"## Training\n\n{_table(heads, rows)}\n{fill(how, 120)}\n{_history(about)}"


def _history(about: Mapping[str, Any]) -> str:
    """Say how these weights came about, where it was not by the recipe alone."""
    return f"\n{fill(about['history'], 120)}\n" if "history" in about else ""


def _figures(measured: Mapping[str, Any]) -> str:
    reading = measured["reading"]
    names = {
        "squad": "SQuAD 2.0, four articles",
        "squad, titled": "the same, under the article's title",
        "own": "our own, development split",
        "own, unseen": "of these, on sets that only they are about",
        "own, written": "of these, on documents written for it",
    }
    rows = [
        [
            title,
            f"{reading[name]['questions']:,}",
            *(f"{100 * reading[name][key]:.1f}" for key in ("f1", "exact", "evidence", "all_f1")),
            f"{reading[name]['auroc']:.3f}",
        ]
        for name, title in names.items()
    ]
    heads = ("The passage given", "questions", "F1", "exact", "right sentence", "F1, all", "AUROC")
    asking, agreement = measured["asking"], measured["agreement"]
    told = (
        "F1, exact and right sentence are of answerable questions, and of the words that the network points at; F1 of "
        "all is SQuAD 2.0's own figure at the best threshold; AUROC tells answerable from unanswerable. Questions of "
        "our own may be about passages that public questions, learned from, are about too, but for the last two rows'."
    )
    return (
        "## Figures\n\nOn development questions that were not trained on:\n\n"
        f"{_table(heads, rows)}\n{fill(told, 120)}\n\n"
        f"{fill(_asking(asking), 120)}\n\n"
        f"Int8 against the float32 network it was made from, {agreement['questions']} questions: the same words "
        f"{agreement['same']:.1%}, F1 {100 * agreement['f1']:.1f} and\n{100 * agreement['reference_f1']:.1f}.\n"
    )


def _asking(asking: Mapping[str, float]) -> str:
    return (
        f"Over a library of some 1,000 passages, {asking['questions']:,} questions: the right sentence first for "
        f"{asking['right_first']:.1%} of those whose answer was found, and words of the answer quoted first for "
        f"{asking['quoted_first']:.1%}; AUROC of the answerability {asking['auroc']:.3f}; calibration error of the "
        f"confidence {asking['calibration_error']:.3f}, of the answerability {asking['answerability_error']:.3f} "
        "(cross-fitted). SQuAD's near misses weigh most in the confidence; of what is asked elsewhere and a few words "
        "answer it says less than is true."
    )


def _table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
