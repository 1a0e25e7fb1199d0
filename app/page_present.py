"""Handlers of presenter mode: what is behind the last films, and real viewers to begin as."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import stage_map, stage_view
from app.conversation import Conversation
from app.engine import Engine
from app.events import film_name
from app.laps import Laps
from app.losses import read_curves
from app.page import View, warn
from app.parts import LanguageModel, Vector
from app.session import Question, Session, State
from data.dataset import Dataset
from data.errors import IlmChatError
from data.splits import leave_one_out

if TYPE_CHECKING:
    from app.insight import Observer

LIKED = 4.0  # the least rating, of five, that counts as liking
TASTE = 12  # newest liked films that a viewer begins with
LISTED = 1000  # viewers to choose from; any other one can be typed
NOBODY = "Nobody yet"


class Presenter:
    """Args:
    engine: may wait until the models are loaded.
    weights: the folder that the engine is loaded from.
    beside: other models to compare with, by name, which may be waited for, too.

    `losses` are the curves of stage 1 as HTML, "" where the weights have none beside them.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        dataset: Dataset,
        weights: Path,
        beside: Mapping[str, Callable[[], LanguageModel]] | None = None,
    ) -> None:
        self._engine = engine
        self._beside = beside or {}
        self._catalogue = dataset.catalogue
        self._train = leave_one_out(dataset.interactions).train
        curves = read_curves(weights)
        self.losses = stage_view.losses_html(curves) if curves else ""

    @cached_property
    def _observer(self) -> Observer:
        engine = self._engine()
        beside = {name: model() for name, model in self._beside.items()}
        from app.insight import Observer  # loads torch, and the page is up before that

        return Observer(engine, beside)

    # -- viewers of the data ---------------------------------------------------------------------

    def viewers(self) -> list[tuple[str, str]]:
        """(name, id) of nobody and of the first viewers, for a list to choose from."""
        counts = np.bincount(self._train.users, minlength=self._train.n_users)
        found = zip(self._train.user_ids[:LISTED], counts[:LISTED].tolist(), strict=True)
        return [(NOBODY, NOBODY), *((f"Viewer {id}, {count} films", id) for id, count in found)]

    def become(self, id: object, view: View) -> View:
        """A new conversation, of somebody who likes and has seen what that viewer of the data does,
        or of nobody. What was held out of training is not looked at."""
        name = str(id or NOBODY).strip()
        if name == NOBODY:
            view.held, view.skipped = Conversation(), False
            return view
        ids = self._train.user_ids
        if name not in ids:
            warn(
                IlmChatError(
                    f"There is no viewer '{name[:40]}' in the data; it has {len(ids):,}, such as "
                    f"{ids[0]}."
                )
            )
            return view
        rows = self._train.users == ids.index(name)
        chosen = self._train.items[rows]
        ratings = self._train.ratings
        good = chosen if ratings is None else chosen[ratings[rows] >= LIKED]
        # Who rates nothing so high likes best what they chose last.
        liked = (good if len(good) else chosen)[-TASTE:].tolist()
        seen = tuple(item for item in chosen.tolist() if item not in liked)
        view.held = Conversation(Session(State(likes=tuple(liked), seen=seen)))
        return view

    # -- behind the answer -----------------------------------------------------------------------

    def look(self, view: View) -> list[str]:
        """(note, prompt, words, candidates, removed, map, times) as HTML, for the films that were
        ranked last, or else for those that would be now."""
        try:
            observer = self._observer
            session = view.held.session
            asked = session.now.asked or Question(session.now)
            insight = observer.look(asked)
            items = [found.item for found in insight.candidates]
            film = self._in_focus(session.now, items)
            words = [] if film is None else observer.words(film)
        except IlmChatError as error:
            return [f'<p class="ilm-none">{escape(str(error))}</p>', *[""] * 6]
        # The last cards are older where the newest request left no film.
        cards = [card for card in session.now.cards if session.now.asked and card in items]
        way = self._way(session)
        return [
            _note(session),
            stage_view.prompt_html(insight, self._catalogue),
            "" if film is None else stage_view.words_html(film_name(self._catalogue, film), words),
            stage_view.candidates_html(insight, self._catalogue, cards),
            stage_view.removed_html(insight),
            stage_map.map_html(
                observer.map(),
                self._catalogue,
                viewer=way[-1] if way else None,
                trail=way[:-1],
                likes=session.now.likes,
                cards=cards,
            ),
            stage_view.timings_html(self._understanding(session) | insight.seconds, view.seconds),
        ]

    def _in_focus(self, now: State, candidates: Sequence[int]) -> int | None:
        if now.focus is not None:
            return now.focus
        return now.likes[-1] if now.likes else next(iter(candidates), None)

    def _way(self, session: Session) -> list[Vector]:
        """Where the viewer was before each message and is now, oldest first; standing still counts
        once, and without a liked film there is no place."""
        states = [*(before for before, _ in session.past), session.now]
        likes = [state.likes for state in states]
        moved = [at for at in range(len(states)) if not at or likes[at] != likes[at - 1]]
        places = [self._observer.viewer(states[at]) for at in moved]
        return [place for place in places if place is not None]

    def _understanding(self, session: Session) -> dict[str, float]:
        """How long the last message takes to be understood."""
        if not session.past:
            return {}
        laps = Laps()
        self._engine().understand(*session.past[-1])
        laps.lap("understanding")
        return laps.seconds


def _note(session: Session) -> str:
    asked = session.now.asked is not None
    about = "How the last films were found." if asked else "What would be recommended next."
    return f'<p class="ilm-none" role="status">{about}</p>'
