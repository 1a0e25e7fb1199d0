"""Chat models that write texts: behind an OpenAI-compatible address, or of Hugging Face and here.

Environment: OPENAI_API_KEY is sent to the address as its key. It is read from nowhere else and
written nowhere.
"""

import os
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict

from data.errors import IlmChatError

WAITS = (2.0, 5.0, 15.0, 30.0)
"""Seconds to wait before each further try when a server is busy or does not answer in time."""
_BUSY = (408, 409, 429, 500, 502, 503, 504)
_LOCAL_TOKENS = 400
_TIMEOUT = 300.0


class Message(TypedDict):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


Chat = Callable[[Sequence[Message], int], str]
"""A chat so far and a seed -> the answer."""


class ModelError(IlmChatError):
    """A chat model that cannot be used, or that does not answer."""


def served_chat(url: str, model: str, temperature: float, max_tokens: int | None = None) -> Chat:
    """A model behind an OpenAI-compatible address such as `http://localhost:8000/v1`.

    Raises:
        ModelError: for what is no address, and when asked: if it cannot be reached, refuses, or is
            still busy after the last wait.
    """
    import httpx2
    from huggingface_hub import InferenceClient
    from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError

    if not url.startswith(("http://", "https://")):
        raise ModelError(f"'{url}' is no address; one begins with http:// or https://.")
    # A key is always given: without one the client would send the user's Hugging Face token.
    key = os.environ.get("OPENAI_API_KEY") or "none"
    client = InferenceClient(base_url=url, api_key=key, timeout=_TIMEOUT)

    def ask(messages: Sequence[Message], seed: int) -> str:
        for wait in (*WAITS, None):
            try:
                answer = client.chat_completion(
                    [dict(message) for message in messages],
                    model=model,
                    temperature=temperature,
                    max_tokens=max_tokens,
                    seed=seed,
                )
                return answer.choices[0].message.content or ""
            except HfHubHTTPError as error:
                status = error.response.status_code
                if status not in _BUSY or wait is None:
                    raise ModelError(_refusal(url, model, status)) from error
            except (InferenceTimeoutError, httpx2.TransportError) as error:
                if wait is None or isinstance(error, httpx2.ConnectError):
                    raise ModelError(
                        f"The address {url} does not answer; check it, and run this again to go on."
                    ) from error
            except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
                raise ModelError(
                    f"The address {url} answers, but not as an OpenAI-compatible server; it often "
                    "has to end in /v1."
                ) from error
            time.sleep(wait)
        raise AssertionError

    return ask


def _refusal(url: str, model: str, status: int) -> str:
    if status in (401, 403):
        return f"{url} refuses access (HTTP {status}): set OPENAI_API_KEY to a key for it."
    if status in _BUSY:
        return f"{url} is still busy (HTTP {status}); run this again later to go on."
    return f"{url} refuses the request (HTTP {status}): check the address and the model '{model}'."


def local_chat(name: str, temperature: float, max_tokens: int | None = None) -> Chat:
    """A Hugging Face model, by id or folder, run on this machine; on a GPU if there is one.

    Raises:
        ModelError: when it cannot be loaded or has no chat template.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(name)
        model: Any = AutoModelForCausalLM.from_pretrained(name, dtype="auto")
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(
            f"'{name}' cannot be loaded as a language model; name a Hugging Face id or folder, or "
            "give --url for a model that is served."
        ) from error
    if tokenizer.chat_template is None:
        raise ModelError(f"'{name}' has no chat template; name a model tuned for chat.")
    model.to(torch.device("cuda" if torch.cuda.is_available() else "cpu")).eval()

    settings = GenerationConfig(
        max_new_tokens=max_tokens or _LOCAL_TOKENS,
        do_sample=temperature > 0,
        temperature=temperature or None,
        pad_token_id=tokenizer.eos_token_id,
        eos_token_id=model.generation_config.eos_token_id or tokenizer.eos_token_id,
    )

    def ask(messages: Sequence[Message], seed: int) -> str:
        inputs = tokenizer.apply_chat_template(
            [dict(message) for message in messages],
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        ).to(model.device)
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(seed)
            tokens = model.generate(**inputs, generation_config=settings)
        new = tokens[0, inputs["input_ids"].shape[1] :]
        return str(tokenizer.decode(new, skip_special_tokens=True))

    return ask
