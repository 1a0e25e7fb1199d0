"""Fitting the intent model to the annotated chats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from app.intent_model import COLUMNS, LABELS, PATH, IntentModel, features
from app.intents import Signs, acts_of
from app.reader import Reader
from data.dialogues import Chat, UserTurn

STRENGTH = 3.0  # inverse of the penalty on the weights
FOLDS = 10


def fit(reader: Reader, chats: Sequence[Chat], path: Path = PATH) -> dict[str, float]:
    """Fit the model to `chats`, save it, and say how good it is alone, by cross-validation.

    No chat is judged by a model that saw a message of it.
    """
    read = [
        (chat.number, turn.intent, signs) for chat in chats for turn, signs in _read(reader, chat)
    ]
    matrix = _matrix([signs for _, _, signs in read])
    labels = np.array([LABELS.index(intent) for _, intent, _ in read])
    groups = np.array([number for number, _, _ in read])
    right = 0
    for train, held_out in GroupKFold(FOLDS, shuffle=True, random_state=0).split(
        matrix, labels, groups
    ):
        model = LogisticRegression(C=STRENGTH, max_iter=3000).fit(matrix[train], labels[train])
        right += int((model.predict(matrix[held_out]) == labels[held_out]).sum())
    fitted = LogisticRegression(C=STRENGTH, max_iter=3000).fit(matrix, labels)
    if list(fitted.classes_) != list(range(len(LABELS))):
        raise ValueError("Every intent must occur in the chats to fit to.")
    accuracy = right / len(labels)
    IntentModel(fitted.coef_.T.astype(np.float32), fitted.intercept_.astype(np.float32)).save(
        path,
        {
            "labels": " ".join(LABELS),
            "messages": str(len(labels)),
            "cross-validated accuracy": f"{accuracy:.4f}",
        },
    )
    return {"messages": len(labels), "accuracy by cross-validation": accuracy}


def _read(reader: Reader, chat: Chat) -> Iterable[tuple[UserTurn, Signs]]:
    cards: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    for turn in chat.turns:
        if isinstance(turn, UserTurn):
            yield turn, reader.signs(turn.text, cards, cards[0] if cards else None, shown)
        else:
            cards = turn.items or cards
            shown += turn.items


def _matrix(messages: Sequence[Signs]) -> csr_matrix:
    rows, columns, values = [], [], []
    for row, signs in enumerate(messages):
        for column, value in features(signs, acts_of(signs)).items():
            rows.append(row)
            columns.append(column)
            values.append(value)
    return csr_matrix((values, (rows, columns)), shape=(len(messages), COLUMNS))
