"""A second opinion on a message's intent, learned from the annotated chats.

A linear model over hashed words, word pairs, letters and the acts that the rules find. It reads
what no rule foresaw; the rules know what few messages could teach. Their votes are added up.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from app.asking import may_ask
from app.intents import Intent, Signs, acts_of, plain, rule_for
from data.errors import DataError
from data.reading import RESOURCES

PATH = RESOURCES / "intents.safetensors"
LABELS: tuple[Intent, ...] = (
    "recommend", "critique", "more", "ask_about", "compare", "feedback", "chitchat", "off_topic",
    "reset",
)  # fmt: skip
RULE_VOTE = 2.5  # nats added for the intent of the rules; chosen on validation

_NEED_CARDS: frozenset[Intent] = frozenset({"critique", "more"})
_FIXED: frozenset[Intent] = frozenset(
    {"help", "reset", "compare", "off_topic"}
)  # the rules' word is enough
_WORDS, _ACTS = 8192, 512  # hashed columns
COLUMNS = _WORDS + _ACTS
_WORD_WEIGHT, _ACT_WEIGHT = 2.0, 0.2
_FEW_WORDS = 3  # too few for the model to have an opinion
_LENGTHS = (3, 6, 12, 35)
_TOKEN = re.compile(r"[\w'’]+|[?!]")
_BLANK = re.compile(r"_+")

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class IntentModel:
    """weights: (columns, len(LABELS)); bias: (len(LABELS),)."""

    weights: Vector
    bias: Vector

    @classmethod
    def load(cls, path: Path = PATH) -> IntentModel:
        """DataError when the file is missing or is no intent model."""
        try:
            with safe_open(path, framework="numpy") as held:
                weights, bias = held.get_tensor("weights"), held.get_tensor("bias")
        except (OSError, SafetensorError) as error:
            raise DataError(f"The intent model {path} cannot be read: {error}.") from None
        if weights.shape != (COLUMNS, len(LABELS)):
            raise DataError(
                f"The intent model {path} has shape {weights.shape}, not "
                f"{(COLUMNS, len(LABELS))}; fit it anew with python -m app fit-intents."
            )
        return cls(weights.astype(np.float32), bias.astype(np.float32))

    @classmethod
    def blank(cls) -> IntentModel:
        """A model of no opinion."""
        shape = (COLUMNS, len(LABELS))
        return cls(np.zeros(shape, dtype=np.float32), np.zeros(len(LABELS), dtype=np.float32))

    def save(self, path: Path, metadata: dict[str, str]) -> None:
        """Write the model in half precision."""
        half = {"weights": self.weights.astype(np.float16), "bias": self.bias.astype(np.float16)}
        save_file(half, path, metadata=metadata)

    def log_chances(self, columns: dict[int, float]) -> Vector:
        """(len(LABELS),) log probabilities of a message with these features."""
        places = np.fromiter(columns, dtype=np.int64)
        values = np.fromiter(columns.values(), dtype=np.float32)
        scores = values @ self.weights[places] + self.bias
        scores = scores - scores.max()
        chances: Vector = scores - np.log(np.exp(scores).sum())
        return chances


def intent_of(signs: Signs, model: IntentModel) -> Intent:
    """The intent that rules and model together find likeliest."""
    acts = acts_of(signs)
    rule = rule_for(signs, acts)
    if rule in _FIXED or plain(signs.text) or len(_TOKEN.findall(signs.text)) <= _FEW_WORDS:
        return rule
    votes = model.log_chances(features(signs, acts))
    votes[LABELS.index(rule)] += RULE_VOTE
    for at, label in enumerate(LABELS):
        possible = signs.cards or label not in _NEED_CARDS
        possible = possible and (label != "ask_about" or "asks" in acts or may_ask(signs.text))
        if not possible or label in _FIXED:
            votes[at] = -np.inf
    return LABELS[int(votes.argmax())]


def features(signs: Signs, acts: Iterable[str]) -> dict[int, float]:
    """Hashed column -> value; words and acts count apart before and after the first films."""
    text = _BLANK.sub("_", signs.text.lower())
    state = "later" if signs.cards else "first"
    words = _TOKEN.findall(text)
    plain = [*words, *(f"{a} {b}" for a, b in pairwise(words))]
    letters = [
        f"#{padded[at : at + size]}"
        for padded in (f" {word} " for word in words)
        for size in (3, 4)
        for at in range(len(padded) - size + 1)
    ]
    columns: dict[int, float] = defaultdict(float)
    for family in ([*plain, *(f"{state} {gram}" for gram in plain)], letters):
        counts = Counter(zlib.crc32(gram.encode()) % _WORDS for gram in family)
        values = {column: 1 + float(np.log(count)) for column, count in counts.items()}
        length = float(np.sqrt(sum(value**2 for value in values.values()))) or 1.0
        for column, value in values.items():
            columns[column] += _WORD_WEIGHT * value / length
    for act in [*acts, *_circumstances(signs, len(words))]:
        for name in (act, f"{state} {act}"):
            columns[_WORDS + zlib.crc32(name.encode()) % _ACTS] += _ACT_WEIGHT
    return columns


def _circumstances(signs: Signs, length: int) -> Sequence[str]:
    held = {
        "any": True,
        "question": "?" in signs.text,
        "ends in a question": signs.text.rstrip().endswith("?"),
        "named": signs.named > 0,
        "several named": signs.named > 1,
        "several cards": signs.cards > 1,
        "felt": signs.felt,
        "constrained": signs.constrained,
        "unknown": signs.unknown,
        "wish": bool(signs.wish),
        "seen": signs.seen,
        **{f"at most {bound} words": length <= bound for bound in _LENGTHS},
    }
    return [name for name, holds in held.items() if holds]
