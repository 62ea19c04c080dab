"""What kind of thing a question asks for: whole sentences or a few words, and which words."""

import re
from collections.abc import Callable

_FLAGS = re.IGNORECASE

# The first pattern that a question matches says what to look for in a sentence, and what finding it is worth beside
# the weights of `retriever.sentence_reader`; `python -m evaluation.fit` prints these figures too.
_KINDS: tuple[tuple[float, re.Pattern[str], re.Pattern[str]], ...] = (
    (  # a number
        0.8,
        re.compile(
            r"\bhow (?:many|much|high|long|large|big|far|old|often|tall|deep|fast|wide|few)\b|percent"
            r"|\bwhat (?:number|share|proportion|amount|rate|percentage)\b",
            _FLAGS,
        ),
        re.compile(
            r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|billion"
            r"|half|third|quarter|dozen|decades?|centur(?:y|ies)|once|twice)\b",
            _FLAGS,
        ),
    ),
    (  # a time
        1.8,
        re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b|\byear\b", _FLAGS),
        re.compile(
            r"\b(?:1\d{3}|20\d{2})\b|\b(?:January|February|March|April|May|June|July|August|September|October|November"
            r"|December)\b|\b(?:centur(?:y|ies)|decades?|years?|days?|months?|weeks?|today|yesterday)\b",
            _FLAGS,
        ),
    ),
    (1.2, re.compile(r"\bwho(?:m|se)?\b", _FLAGS), re.compile(r"(?<=[\w,;:)] )[A-Z][\w.&'’-]+")),  # a name
    (  # a place
        0.5,
        re.compile(
            r"\bwhere\b|\b(?:what|which) (?:city|country|place|state|region|town|location|area)\b|\bvenue\b", _FLAGS
        ),
        re.compile(r"\b(?:in|at|on|near|from|to|of)\s+(?:the\s+)?[A-Z]\w+"),
    ),
    (
        0.3,
        re.compile(r"\bhow\b", _FLAGS),
        re.compile(r"\b(?:by|through|via|using|with|while|process|method)\b", _FLAGS),
    ),
)


_WHOLE = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat (?:happens|happened|if)\b"
    r"|\bhow\b(?! (?:many|much|high|long|large|big|far|old|often|tall|deep|fast|wide|few|early|late|soon|heavy)\b)"
    r"|\b(?:explain|describe|summari[sz]e|compare|list|enumerate|define|difference|mean|meaning|reasons?|purpose)\b"
    r"|\bwhat (?:are|were)\b"
    r"|\b(?:which|what) (?:\w+ ){0,2}\w+(?<![su])s (?:do|did|are|were|have|had|can|could|may|must|should|will|would)\b",
    _FLAGS,
)

YES_OR_NO = re.compile(
    r"\W*(?:and |but |so )?"
    r"(?!(?:can|could|would|will|do|does) (?:you|anyone|anybody|someone|somebody) (?:please )?"
    r"(?:tell|say|know|give|show|name|find|remember|recall)\b)"
    r"(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had)\b",
    _FLAGS,
)
"""What a question for yes or no begins with, and a polite one for something else does not."""


def wants_sentences(question: str) -> bool:
    """Tell a question for a reason, a way, a meaning, a list, or yes and no, from one that a few words answer.

    >>> [wants_sentences(q) for q in ("Why did it end?", "When did it end?", "How long was it?", "Is it over?")]
    [True, False, False, True]
    >>> [wants_sentences(f"Which {asked} did they take?") for asked in ("two new roads", "road", "bus")]
    [True, False, False]
    >>> wants_sentences("Can you tell me when it ended?"), wants_sentences("Can a dog tell when it ends?")
    (False, True)
    """
    return bool(_WHOLE.search(question) or YES_OR_NO.match(question))


def answer_hint(question: str) -> Callable[[str], float]:
    """Return a function that says what it is worth that a sentence holds the kind of thing the question asks for.

    What the question itself names does not count. A question of no known kind gives 0 to every sentence.

    >>> worth = answer_hint("When did the war of 1812 end?")
    >>> worth("It began in 1812."), worth("It ended in 1815."), answer_hint("Is it true?")("Yes.")
    (0.0, 1.8, 0.0)
    """
    asked = question.lower()
    for worth, asks, there in _KINDS:
        if asks.search(question):
            return lambda sentence: worth * any(m.group().lower() not in asked for m in there.finditer(sentence))
    return lambda _sentence: 0.0
