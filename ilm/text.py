"""The text encoder: sentence embeddings of titles, synopses and wishes (MiniLM by default)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as library_logging

from data.errors import IlmChatError
from data.fetch import fetch

DEFAULT_ENCODER = "minilm"


def encoder_folder(name: str | None = None) -> str:
    """Folder of the packaged encoder, or the id or folder that was asked for."""
    return name if name and name != DEFAULT_ENCODER else str(fetch("minilm"))


class TextEncoder:
    """Sentence-transformers model: texts -> unit vectors."""

    def __init__(self, name: str | None = None) -> None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        library_logging.disable_progress_bar()  # for a load of a second, nothing but noise
        try:
            self._model = SentenceTransformer(encoder_folder(name), device=device)
        except (OSError, ValueError) as error:
            raise IlmChatError(
                f"The text encoder '{name}' could not be loaded: give a sentence-transformers id "
                "that can be reached, or a local folder of one."
            ) from error

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of unit length, (n, width)."""
        return np.asarray(
            self._model.encode(
                list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False
            ),
            dtype=np.float32,
        )
