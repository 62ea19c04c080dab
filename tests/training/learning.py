"""Examples and a data folder that are small enough to be learned from within a test."""

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from retriever.records import Span
from tests.training.making import row
from training.examples import Example, cut
from training.records import Question, Quote

FACTS = (
    ("mill", "1820", "Ada Reeve"),
    ("bridge", "1834", "Tom Hale"),
    ("tower", "1851", "Ruth Lang"),
    ("school", "1867", "Hugh Moss"),
    ("station", "1873", "Jane Ward"),
    ("church", "1889", "Paul West"),
)


def drawing(seed: int) -> random.Random:
    """Draw the same each time."""
    return random.Random(seed)  # noqa: S311 - a choice, not a secret


def told(subject: str, year: str, name: str, place: str = "Ely") -> str:
    """Tell of a building."""
    return f"The {subject} of {place} was built in {year} by {name}. It did burn down. It stands near {place} again."


def example(text: str, question: str, *answers: str, topic: str = "t", name: str = "qed_dev") -> Example:
    """Make an example; each answer stands where it is first found."""
    spans = tuple(Span(text.index(answer), text.index(answer) + len(answer)) for answer in answers)
    evidence = tuple(s for s in cut(text) if any(map(s.overlaps, spans)))
    return Example(name, topic, question, "", text, spans, evidence)


def memorable() -> tuple[Example, ...]:
    """Give questions about the facts: two of three are answered."""
    return tuple(
        example(told(*fact), question, *answer)
        for fact in FACTS
        for question, answer in (
            (f"When was the {fact[0]} built?", (fact[1],)),
            (f"Who built the {fact[0]}?", (fact[2],)),
            (f"Who bought the {fact[0]}?", ()),
        )
    )


def asked(document: dict[str, str], question: str, *answers: str) -> dict[str, Any]:
    """Make a line of questions about a document; each answer stands where it is first found."""
    return {
        "id": question,
        "question": question,
        "answers": [{"text": a, "start": document["text"].index(a), "doc_id": document["doc_id"]} for a in answers],
        "answerable": bool(answers),
        "relevant": [document["doc_id"]],
    }


def write(data: Path, name: str, corpus: Sequence[dict[str, str]], questions: Sequence[dict[str, Any]]) -> None:
    """Write a set."""
    folder = data / "sets" / name
    folder.mkdir(parents=True)
    for part, rows in (("corpus", corpus), ("questions", questions)):
        lines = "".join(json.dumps(line) + "\n" for line in rows)
        (folder / f"{part}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))


def write_facts(data: Path, name: str, title: str, place: str, *, extra: Sequence[dict[str, str]] = ()) -> None:
    """Write a set of what is told of each building in a place, with three questions each, and what else there is."""
    corpus = [row(f"{name}:{place}:{fact[0]}:0", told(*fact, place), title) for fact in FACTS]
    questions = [
        line
        for document, (subject, year, builder) in zip(corpus, FACTS, strict=True)
        for line in (
            asked(document, f"When was the {subject} of {place} built first?", year),
            asked(document, f"Who built the {subject} of {place}?", builder, builder.split()[1]),
            asked(document, f"Who did buy the {subject} of {place}?"),
        )
    ]
    others = [asked(document, f"What does {document['doc_id']} say?", document["text"][:400]) for document in extra]
    write(data, name, [*corpus, *extra], [*questions, *others])


def learnable(data: Path) -> Path:
    """Write every set that training reads, and one of questions on other subjects."""
    for name, place in (("shift_new_wiki", "Ely"), ("shift_amazon_reviews", "Wells"), ("qed_dev", "Bath")):
        write_facts(data, name, f"Sights_of_{place}", place)
    write_facts(data, "qamr", "", "Ripon")
    contract = row("contract", "The parties agree to this. " * 200 + "The law of Kent governs it. " + "So be it. " * 50)
    write_facts(data, "cuad_a", "contract", "Kent", extra=[contract])
    write_facts(data, "medquad", "Illness", "Leeds", extra=[row("ill:1:2", "Rest and drink a lot of water. " * 30)])
    development = [row(f"imperialism:{fact[0]}", told(*fact, "Rome"), "Imperialism") for fact in FACTS]
    training = [row(f"york:{fact[0]}", told(*fact, "York"), "York") for fact in FACTS]
    questions = [
        line
        for document, (subject, year, _) in zip([*development, *training], FACTS * 2, strict=True)
        for line in (
            asked(document, f"When was the {subject} built?", year),
            asked(document, f"Who did buy the {subject}?"),
        )
    ]
    write(data, "squad20_half_a", [*development, *training], questions)
    write(data, "nq_open_dev", [], [{"question": f"who sings song number {n}"} for n in range(12)])
    return data


def write_own(folder: Path, *, development: bool) -> list[Question]:
    """Write a question set of one passage, an answered question and one that is not, of that split."""
    document = told(*FACTS[0], "Bath")
    numbers = (f"qed_dev:qed_dev:Bath:mill:0:{n}" for n in range(1_000))
    made = [_own(number, document) for number in numbers]
    questions = next(pair for pair in made if pair[0].development is development)
    folder.mkdir(exist_ok=True)
    name = "development" if development else "training"
    lines = "".join(f"{question.model_dump_json()}\n" for question in questions)
    (folder / f"{name}.jsonl").write_text(lines, "utf-8")
    return questions


def _own(passage_id: str, document: str) -> list[Question]:
    start = 4
    answer, sentence = document.index("Ada Reeve"), document.index("It did")
    base = Question(
        id="a01-1",
        passage_id=passage_id,
        set="qed_dev",
        doc_id="qed_dev:Bath:mill:0",
        start=start,
        end=sentence,
        question="Whose work is the mill?",
        kind="who",
        answers=(Quote(text="Ada Reeve", start=answer),),
        evidence=(Quote(text=document[start : sentence - 1], start=start),),
        near=None,
    )
    bare = {"id": "a01-2", "question": "Who painted the mill?", "answers": (), "evidence": (), "near": "its builder"}
    return [base, base.model_copy(update=bare)]
