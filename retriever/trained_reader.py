"""The trained reader: a small network that finds the words that answer, and knows when they are not there."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retriever import disk
from retriever.errors import ModelError
from retriever.hints import wants_sentences
from retriever.overlap import Terms, overlap, terms_of
from retriever.passages import Passage, joined
from retriever.records import Chunk, Evidence, Hit, Reading, Span
from retriever.windows import Packer, Window

FOLDER = Path(__file__).parent / "weights"
MOST_WORDS = 40  # tokens of a short answer
MOST_OF_SENTENCE = 0.6  # of its characters, from which on the whole sentence is quoted
FEATURES, ANSWERS = 8, 3  # of a candidate, and which of them is of its passage as a whole
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ('"', '"'))
DESCRIBED = FEATURES + 4  # of the best candidate and the question, and a bias


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, the best words in it, and what the network says of both.

    `features`, float32 `(FEATURES,)`: the mean log-odds that the sentence's tokens are evidence, and the highest; how
    much better the words score than no answer; the log-odds that the passage answers; the search's score, which is
    relative to its best hit, and the cosine, which is not; and the share of the question's words that the sentence
    holds, and that it holds with its neighbours.
    """

    hit: Hit
    sentence: Span
    words: Span
    features: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns features into an order and a probability, fitted on development questions.

    `ranking`, float64 `(FEATURES,)`, orders candidates. Two logistic functions, float64 `(DESCRIBED,)`, the bias last,
    of what `described_best` says, tell how likely the best quote is right (`confidence`), and how likely any
    sentence is (`answerability`).
    """

    ranking: NDArray[np.float64]
    confidence: NDArray[np.float64]
    answerability: NDArray[np.float64]
    threshold: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The candidates in `order`, the `scores` of each in 0..1, how likely the best quote is right, and any sentence."""

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    confidence: float
    answerability: float


class Network(Protocol):
    """Scores windows."""

    def run(self, windows: Sequence[Window]) -> list[tuple[NDArray[np.float32], float]]:
        """Give for each window float32 `(t, 3)`, for start, end and evidence, and the log-odds that it answers."""


class OnnxNetwork:
    """The network on ONNX Runtime.

    Each window is its own run on its own thread, so what is read in it never depends on the passages beside it:
    dynamic int8 takes its scales from all that is in a run.
    """

    def __init__(self, file: Path, *, threads: int = 0) -> None:
        """Load a network; `threads` of 0 takes one per core.

        Raises:
            ModelError: the file is no network that ONNX Runtime can load.

        """
        import onnxruntime  # noqa: PLC0415 - costs 0.2 s, and many commands never read
        from onnxruntime.capi.onnxruntime_pybind11_state import InvalidProtobuf  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        except InvalidProtobuf as error:
            msg = f"The reader's file {file} is no network that can be loaded; install Footnote again."
            raise ModelError(msg) from error
        self._threads = threads or os.cpu_count() or 1

    def run(self, windows: Sequence[Window]) -> list[tuple[NDArray[np.float32], float]]:
        """Score windows, the longest first, so that no thread is left alone with a long one at the end."""
        order = sorted(range(len(windows)), key=lambda i: -len(windows[i].ids))
        with ThreadPoolExecutor(self._threads) as pool:
            done = dict(zip(order, pool.map(lambda i: self._run_one(windows[i]), order), strict=True))
        return [done[i] for i in range(len(windows))]

    def _run_one(self, window: Window) -> tuple[NDArray[np.float32], float]:
        inputs = {"ids": np.array(window.ids, np.int64), "types": np.array(window.types, np.int64)}
        tokens, answers = self._session.run(["tokens", "answers"], inputs)
        return tokens, float(answers)


class TrainedReader:
    """Reads the passages of a question with a network."""

    def __init__(self, network: Network, packer: Packer, calibration: Calibration) -> None:
        """Use `load_reader`."""
        self._network, self._packer, self.calibration = network, packer, calibration

    @property
    def threshold(self) -> float:
        """The answerability below which the documents do not say."""
        return self.calibration.threshold

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Read passages; each evidence quotes the best words of its sentence, or all of it where that is wanted."""
        candidates = self.candidates(question, hits)
        if not candidates:
            return Reading((), 0.0, 0.0)
        said = [" ".join(c.hit.chunk.words(c.sentence).split()).casefold() for c in candidates]
        whole = wants_sentences(question)
        j = judged(np.stack([c.features for c in candidates]), self.calibration, said, whole=whole)
        ordered = [(candidates[i], float(j.scores[i])) for i in j.order]
        evidence = tuple(Evidence(c.hit, quote_of(c, whole=whole), c.sentence, score) for c, score in ordered)
        return Reading(evidence, j.confidence, j.answerability)

    def candidates(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        """Score every sentence of every hit that has words; of one in two windows, where its words score best."""
        passages = joined(hits, lambda some: self._fits(question, some))
        packed = [(p, window) for p in passages for window in self._packer.pack(question, p.headings, p.text)]
        best: dict[tuple[int, Span], Candidate] = {}
        for (passage, window), scores in zip(packed, self._network.run([window for _, window in packed]), strict=True):
            for candidate in _candidates(passage, window, *scores):
                key = _key(candidate.hit, candidate.sentence)
                if key not in best or best[key].features[2] < candidate.features[2]:
                    best[key] = candidate
        return _with_overlap(question, passages, list(best.values()))

    def _fits(self, question: str, hits: Sequence[Hit]) -> bool:
        return self._packer.fits(question, hits[0].chunk.heading_path, [hit.chunk.text for hit in hits])


def load_reader(folder: Path = FOLDER, *, threads: int = 0) -> TrainedReader:
    """Load the reader in `folder`.

    Raises:
        ModelError: a file is missing, damaged, or not the one that the manifest names; the sentence names it.

    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - as above

    calibration = calibration_of(checked(folder))
    packer = Packer(Tokenizer.from_file(str(folder / "tokenizer.json")))
    return TrainedReader(OnnxNetwork(folder / "reader.onnx", threads=threads), packer, calibration)


def checked(folder: Path) -> dict[str, Any]:
    """Read the manifest of a reader, and check every file that it names.

    Raises:
        ModelError: the sentence names what is wrong.

    """
    manifest = folder / "reader.json"
    try:
        about: dict[str, Any] = json.loads(manifest.read_text("utf-8"))
        files = {folder / name: about["files"][name] for name in ("reader.onnx", "tokenizer.json")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"The reader's manifest {manifest} cannot be read; install Footnote again."
        raise ModelError(msg) from error
    for file, digest in files.items():
        if not file.is_file():
            msg = f"The reader's file {file} is missing; install Footnote again."
            raise ModelError(msg)
        if disk.sha256(file) != digest:
            msg = f"The reader's file {file} is damaged, or not the one that belongs here; install Footnote again."
            raise ModelError(msg)
    return about


def calibration_of(manifest: Mapping[str, Any]) -> Calibration:
    """Take the calibration out of a manifest.

    Raises:
        ModelError: there is none, or one of a reader with other features.

    """
    try:
        fitted = manifest["calibration"]
        ranking, confidence, answerability = (
            np.array(fitted[name], np.float64) for name in ("ranking", "confidence", "answerability")
        )
        threshold = float(fitted["threshold"])
    except (KeyError, TypeError, ValueError) as error:
        msg = "The reader's manifest holds no calibration; install Footnote again."
        raise ModelError(msg) from error
    if (ranking.shape, confidence.shape, answerability.shape) != ((FEATURES,), (DESCRIBED,), (DESCRIBED,)):
        msg = "The reader's calibration is of another release of Footnote; install Footnote again."
        raise ModelError(msg)
    return Calibration(ranking, confidence, answerability, threshold)


def judged(
    features: NDArray[np.float32], calibration: Calibration, said: Sequence[str] | None = None, *, whole: bool
) -> Judgement:
    """Judge candidates by their features, float32 `(n, FEATURES)`; `whole`: the question asks for whole sentences.

    What is `said` twice does not compete with itself: a copy of a document makes its answer no less likely.
    """
    ranking = np.round(features @ calibration.ranking, 5)
    order = np.argsort(-ranking, kind="stable")
    competing = order if said is None else order[np.sort(np.unique(np.array(said)[order], return_index=True)[1])]
    described = np.append(described_best(features, ranking, competing, whole=whole), 1.0)
    confidence, answerability = (
        float(1 / (1 + np.exp(-described @ weights))) for weights in (calibration.confidence, calibration.answerability)
    )
    confidence = min(confidence, answerability)  # what is right answers; the two are fitted apart
    return Judgement(order, confidence * np.exp(ranking - ranking[order[0]]), confidence, answerability)


def described_best(
    features: NDArray[np.float32], ranking: NDArray[np.float64], order: NDArray[np.intp], *, whole: bool
) -> NDArray[np.float64]:
    """Describe the best candidate, float64 `(DESCRIBED - 1,)`.

    Its features, its share among all and none, its lead, and whether the question asks for whole sentences. The share
    is a softmax in which none stands at 0; the lead is over the next candidate's ranking, at most 10.
    """
    best = order[0]
    behind = np.exp(ranking[order] - ranking[best])
    share = 1 / (behind.sum() + np.exp(-ranking[best]))
    lead = ranking[best] - ranking[order[1]] if len(order) > 1 else 10.0
    return np.array([*features[best], share, min(float(lead), 10.0), whole])


def _key(hit: Hit, sentence: Span) -> tuple[int, Span]:
    return hit.rank, sentence


def _with_overlap(question: str, passages: Sequence[Passage], candidates: Sequence[Candidate]) -> list[Candidate]:
    terms: dict[tuple[int, Span], tuple[Terms, Terms]] = {}
    for passage in passages:
        sentences = list(passage.sentences)
        each = terms_of(hit.chunk.words(sentence) for hit, sentence in sentences)
        terms |= {_key(hit, sentence): some for (hit, sentence), some in zip(sentences, each, strict=True)}
    shares = overlap(question, [terms[_key(c.hit, c.sentence)] for c in candidates])[:, :2].astype(np.float32)
    return [replace(c, features=np.append(c.features, s)) for c, s in zip(candidates, shares, strict=True)]


def _candidates(passage: Passage, window: Window, tokens: NDArray[np.float32], answers: float) -> Iterator[Candidate]:
    origin = passage.origin
    starts, ends, evidence = tokens[window.first : window.first + len(window.places)].T
    none = float(tokens[0, 0] + tokens[0, 1])
    firsts = np.array([place.start for place in window.places])
    lasts = np.array([place.end for place in window.places])
    for hit, sentence in passage.sentences:
        low = int(np.searchsorted(firsts, sentence.start - origin))
        high = int(np.searchsorted(lasts, sentence.end - origin, side="right"))
        if low >= high:
            continue
        i, j, score = _best(starts[low:high], ends[low:high])
        words = Span(origin + window.places[low + i].start, origin + window.places[low + j].end)
        shown = evidence[low:high]
        said = (shown.mean(), shown.max(), score - none, answers, hit.score, hit.similarity)
        yield Candidate(hit, sentence, words, np.array(said, np.float32))


def _best(starts: NDArray[np.float32], ends: NDArray[np.float32]) -> tuple[int, int, float]:
    """Find the best span of at most `MOST_WORDS` tokens: its first and last token, and its score."""
    n = len(starts)
    scores = starts[:, None] + ends[None, :]
    length = np.arange(n)[None, :] - np.arange(n)[:, None]
    scores[(length < 0) | (length >= MOST_WORDS)] = -np.inf
    i, j = divmod(int(scores.argmax()), n)
    return i, j, float(scores[i, j])


def quote_of(candidate: Candidate, *, whole: bool) -> Span:
    """Give what is quoted of a candidate: its words, or its sentence, where it is asked for or they are most of it."""
    words, sentence = candidate.words, candidate.sentence
    if whole or len(words) > MOST_OF_SENTENCE * len(sentence):
        return sentence
    return _closed(candidate.hit.chunk, words, sentence)


def _closed(chunk: Chunk, words: Span, sentence: Span) -> Span:
    """Add the bracket or quotation mark that words lack of a pair, where it stands beside them in the sentence."""
    quote = chunk.words(words)
    before = chunk.words(Span(max(words.start - 1, sentence.start), words.start))
    after = chunk.words(Span(words.end, min(words.end + 2, sentence.end)))
    for opening, closing in _PAIRS:
        straight = opening == closing
        lacking = quote.count(opening) % 2 if straight else quote.count(opening) - quote.count(closing)
        if lacking > 0 and (after.startswith(closing) or (after[1:] == closing and after[0] in ",.;:!?")):
            return Span(words.start, words.end + after.index(closing) + 1)
        if (lacking < 0 or (straight and lacking)) and before == opening:
            return Span(words.start - 1, words.end)
    return words
