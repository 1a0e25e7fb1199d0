"""Handlers of the list of conversations: back after a reload, new, open, rename, delete, export."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from app.conversation import Conversation, as_json, as_markdown, from_record, title_of
from app.page import View, warn
from app.session import Session
from app.store import SECRET_LENGTH, Entry, Store, new_secret
from data.catalogue import Catalogue
from data.errors import IlmChatError


class History:
    """With `store` None nothing is kept, and there is nothing to list."""

    def __init__(self, store: Store | None, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue

    def arrive(self, browser: object, view: View) -> View:
        """Whose page it is, and the conversation that was open last; nothing when that is known.

        A page is opened without, and a restart of the server takes them from pages that are open.

        Args:
            browser: what `shown` left there, or anything: {"user": secret, "open": id or ""}.
        """
        if self._store is None or view.user:
            return view
        kept = browser if isinstance(browser, dict) else {}
        user, last = kept.get("user"), kept.get("open")
        known = isinstance(user, str) and len(user) == SECRET_LENGTH
        view.user = str(user) if known else new_secret()
        if known and isinstance(last, str) and last:
            try:
                view.held = self._loaded(view, last)
            except IlmChatError:
                view.held = Conversation()  # deleted in another tab, or of older films
        return view

    def open(self, id: str | None, view: View) -> View:
        """Bring a conversation back on screen."""
        if id and id != view.held.id:
            try:
                view.held = self._loaded(view, id)
            except IlmChatError as error:
                warn(error)
        return view

    def new(self, view: View) -> View:
        """Begin another conversation. It knows the films liked, disliked and seen in this one."""
        now = view.held.session.now
        kept = replace(now.afresh(), likes=now.likes, dislikes=now.dislikes, seen=now.seen)
        view.held = Conversation(Session(kept))
        return view

    def rename(self, title: str, view: View) -> None:
        """Give the conversation on screen a name."""
        if self._store is None or not view.held.id:
            gr.Info("There is nothing to rename yet: say something first.")
            return
        try:
            self._store.rename(view.user, view.held.id, title)
        except IlmChatError as error:
            warn(error)

    def delete(self, view: View) -> View:
        """Delete the conversation on screen, from the store too, and all that it knew."""
        if self._store is not None and view.held.id:
            try:
                self._store.delete(view.user, view.held.id)
            except IlmChatError as error:
                warn(error)
        view.held = Conversation()
        view.skipped = False
        return view

    def delete_all(self, view: View) -> View:
        """Delete everything of this user, and become another one."""
        if self._store is not None:
            try:
                self._store.delete_all(view.user)
            except IlmChatError as error:
                warn(error)
                return view
            gr.Info("Everything that was kept of you is deleted.")
        return View(user=new_secret() if self._store is not None else "")

    def export(self, form: str, view: View) -> dict[str, str]:
        """The conversation on screen as {"name": of the file, "type", "text"}; form json or md."""
        title = self._title(view)
        name = "".join(sign if sign.isalnum() else "-" for sign in title.lower())[:60].strip("-")
        if form == "json":
            text = as_json(view.held, self._catalogue, title)
            return {"name": f"{name}.json", "type": "application/json", "text": text}
        text = as_markdown(view.held, self._catalogue, title)
        return {"name": f"{name}.md", "type": "text/markdown", "text": text}

    def shown(self, view: View) -> list[Any]:
        """Updates of the list, the name, what needs a conversation, what needs anything stored, and
        the browser's memory."""
        this = gr.update(visible=bool(view.held.turns))
        if self._store is None:
            return [gr.skip(), gr.skip(), this, gr.skip(), gr.skip()]
        entries = [(entry.title, entry.id) for entry in self._listed(view)]
        return [
            gr.update(choices=entries, value=view.held.id or None, visible=bool(entries)),
            self._title(view) if view.held.id else "",
            this,
            gr.update(visible=bool(entries)),
            {"user": view.user, "open": view.held.id},
        ]

    def _title(self, view: View) -> str:
        names = {entry.id: entry.title for entry in self._listed(view)}
        return names.get(view.held.id, title_of(view.held, self._catalogue))

    def _listed(self, view: View) -> list[Entry]:
        if self._store is None or not view.user:
            return []
        try:
            return self._store.listed(view.user, self._catalogue.name)
        except IlmChatError as error:
            warn(error)
            return []

    def _loaded(self, view: View, id: str) -> Conversation:
        assert self._store is not None
        return from_record(self._store.load(view.user, self._catalogue.name, id), self._catalogue)
