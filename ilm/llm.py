"""The frozen LLM: any Hugging Face causal language model, read only.

Nothing here (or above) knows which model it is: width, vocabulary, chat template and special
tokens are read from it. It is a plain object and no `nn.Module`, so that no optimizer, checkpoint
or `state_dict` of ours can ever pick up its parameters.
"""

from __future__ import annotations

import copy
import json
import logging
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from filelock import FileLock
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as library_logging

from data.errors import IlmChatError
from data.fetch import AssetName, cache_dir, fetch
from ilm.decoder import Decoder, why_not
from ilm.first_layers import FirstLayers
from ilm.shared_prefix import PrefixedCache, enable

DEFAULT_LLM: AssetName = "smollm2-135m"
Turn = tuple[str, str]
"""What was asked, and what was answered."""

log = logging.getLogger(__name__)


class FrozenLLM:
    """A causal language model whose parameters never change.

    Attributes:
        width: size of a token embedding.
        layers: number of decoder layers.
        embedding_rms: root mean square of the input embeddings' entries: the scale on which
            item tokens are laid between words.
        fast: whether our own forwards are used where they can be; False leaves all to the library.
        shares: whether what the texts of a batch begin with can be read once (`read_once`): not by
            a model that looks at less than the whole text, say.
        lora: trainable LoRA matrices by name, where `with_lora` put some; their owner registers
            and saves them.
    """

    def __init__(self, model: Any, tokenizer: Any, name: str) -> None:
        self.name = name
        self.tokenizer = tokenizer
        self.model = model.eval()
        self.model.requires_grad_(False)
        head = self.model.get_output_embeddings()
        if head is not None:
            head.register_forward_pre_hook(_side_by_side)
        self.fast = True
        self.shares = why_not(self.model) is None and enable(self.model)
        self._cut: dict[int, Any] = {}
        self._first_layers: dict[int, FirstLayers | None] = {}
        self._decoder: Decoder | None = None
        self._decoder_made, self._making = False, Lock()
        self.lora: dict[str, nn.Parameter] = {}
        self.width = int(self.model.get_input_embeddings().weight.shape[1])
        self.layers = int(self.model.config.num_hidden_layers)
        with torch.no_grad():
            weight = self.model.get_input_embeddings().weight.float()
            self.embedding_rms = float(weight.pow(2).mean().sqrt())
        # Not every tokenizer names a pad token; padding is masked, so that any id serves.
        self.pad_id = int(_first_set(tokenizer.pad_token_id, tokenizer.eos_token_id, 0))
        self.eos_id = int(_first_set(tokenizer.eos_token_id, self.pad_id))

    @property
    def device(self) -> torch.device:
        return self.model.get_input_embeddings().weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.model.get_input_embeddings().weight.dtype

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> FrozenLLM:
        self.model.to(device=device, dtype=dtype)
        self._decoder, self._decoder_made = None, False
        self._first_layers = {}
        for parameter in self.lora.values():
            parameter.data = parameter.data.float()
        return self

    def token_ids(self, text: str) -> list[int]:
        """Ids of a piece of text, with no special tokens added."""
        return list(self.tokenizer(text, add_special_tokens=False).input_ids)

    def embed(self, ids: Tensor) -> Tensor:
        """Token embeddings, (..., width)."""
        return self.model.get_input_embeddings()(ids)

    def end_ids(self) -> set[int]:
        """The tokens that end a text of the model's own."""
        settings = getattr(self.model, "generation_config", None)
        ends = _first_set(getattr(settings, "eos_token_id", None), self.eos_id)
        return set(ends) if isinstance(ends, list) else {ends}

    def decoder(self) -> Decoder | None:
        """The fast decoder for this model, made at the first call (which takes some seconds the
        first time on a machine); None where the library must write, which is said once."""
        if not self.fast:
            return None
        with self._making:
            if not self._decoder_made and self.device.type == "cpu":
                reason = why_not(self.model)
                if reason is None:
                    self._decoder = Decoder(self.model)
                else:
                    log.warning(
                        "%s writes slowly, by the library's decoder: %s.", self.name, reason
                    )
            self._decoder_made = True
            return self._decoder

    def chat_frame(self, turns: Sequence[Turn] = ()) -> tuple[str, str]:
        """What the model's own chat template puts before and after one user turn.

        A model without a template gets a line break after each turn.

        Args:
            turns: what was said before it.
        """
        if not getattr(self.tokenizer, "chat_template", None):
            return "".join(f"{asked}\n{answered}\n" for asked, answered in turns), "\n"
        mark = "\u241f"
        talk = [
            {"role": role, "content": words}
            for turn in turns
            for role, words in zip(("user", "assistant"), turn, strict=True)
        ]
        framed = self.tokenizer.apply_chat_template(
            [*talk, {"role": "user", "content": mark}], tokenize=False, add_generation_prompt=True
        )
        before, _, after = str(framed).partition(mark)
        return before, after

    def with_lora(self, rank: int) -> FrozenLLM:
        """A copy with LoRA matrices (arXiv 2106.09685) on the projections of its attention.

        The copy's own weights are as frozen as before; the matrices, which change nothing until
        they are trained, are in `lora`.

        Raises:
            IlmChatError: when its attention has no projections of these names.
        """
        from peft import LoraConfig, inject_adapter_in_model  # an ablation needs it, nobody else

        model = copy.deepcopy(self.model)
        config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["q_proj", "v_proj"])
        try:
            model = inject_adapter_in_model(config, model)
        except ValueError as error:
            raise IlmChatError(
                f"{self.name} has no q_proj and v_proj to put LoRA matrices on: set lora_rank to "
                "0, or take a language model of the Llama kind."
            ) from error
        adapted = FrozenLLM(model, self.tokenizer, self.name)
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.data = parameter.data.float()  # half precision is too coarse to train in
                parameter.requires_grad_(True)
                adapted.lora[name.replace(".", "/")] = parameter
        return adapted

    def hidden(self, embeds: Tensor, mask: Tensor | None, layers: int) -> Tensor:
        """Hidden states after the first `layers` decoder layers.

        The state is taken as it leaves that layer: the final norm belongs to the last layer and
        is not applied. Only those layers are computed.

        Args:
            embeds: (B, T, width), right padded.
            mask: (B, T); a value of True means that the position holds a token. None: all do, or
                what stands at the end of a row is not looked at.
            layers: how many decoder layers to run, 1..self.layers; 0 gives the embeddings back.

        Returns:
            (B, T, width) in the dtype of the model.
        """
        if layers == 0:
            return embeds
        out = self._first(layers)(
            inputs_embeds=embeds.to(self.dtype),
            attention_mask=None if mask is None else mask.long(),
            use_cache=False,
        )
        return out.last_hidden_state

    def states_at(
        self,
        words: Tensor,
        tokens: Tensor,
        places: Tensor,
        lengths: Sequence[int],
        layers: int,
    ) -> Tensor:
        """`hidden` at one position of each row, for which no gradient is kept, (B, width) float32.

        Args:
            words: (W, width), what every row begins with; one or more.
            tokens: (n, width), the distinct tokens that stand behind it.
            places: (B, T) which of them stand there, row by row; what stands behind a row's length
                is not looked at.
            lengths: how many of them each row has; the state is read at its last one, or at the
                last word.
        """
        if self.fast and layers not in self._first_layers:
            able = layers > 0 and self.device.type == "cpu" and why_not(self.model) is None
            self._first_layers[layers] = FirstLayers(self.model, layers) if able else None
        first = self._first_layers[layers] if self.fast else None
        if first is not None:
            return first(words, tokens, places, lengths)
        embeds = torch.cat([words.expand(len(places), -1, -1), tokens[places]], 1)
        ends = [len(words) - 1 + length for length in lengths]
        with torch.no_grad():
            return self.hidden(embeds, None, layers)[range(len(ends)), ends].float()

    def _first(self, layers: int) -> Any:
        """The model's backbone cut after its first layers, sharing its parameters.

        The library's own forward keeps masks, rotary positions and attention kernels. The model
        itself is left as it is: another thread may be writing with it.
        """
        if layers not in self._cut:
            backbone = copy.copy(self.model.get_decoder())
            backbone._modules = dict(backbone._modules)
            backbone.layers, backbone.norm = backbone.layers[:layers], nn.Identity()
            self._cut[layers] = backbone
        return self._cut[layers]

    def read(
        self,
        embeds: Tensor,
        mask: Tensor,
        past: PrefixedCache | None = None,
        wanted: Tensor | None = None,
    ) -> Tensor:
        """Logits by the library's forward over embeddings laid out as in `hidden`.

        Args:
            mask: (B, P + T), of what `past` holds and of what is new.
            past: of P positions that all rows begin with.
            wanted: (B, T) bool, the positions whose logits (N, vocabulary) come; None: those of all
                come, (B, T, vocabulary).
        """
        with nullcontext() if past is None else past.attended():
            found = self.model(
                inputs_embeds=embeds.to(self.dtype),
                attention_mask=mask.long(),
                past_key_values=past,
                logits_to_keep=0 if wanted is None else wanted,
                use_cache=past is not None,
            )
        logits: Tensor = found.logits
        return logits

    @torch.no_grad()
    def read_once(self, embeds: Tensor) -> PrefixedCache:
        """What a batch whose rows all begin with these embeddings, (P, width), goes on from."""
        found = self.model.get_decoder()(inputs_embeds=embeds[None].to(self.dtype), use_cache=True)
        return PrefixedCache(found.past_key_values)

    def logits(self, embeds: Tensor, mask: Tensor) -> Tensor:
        """Next-token logits, (B, T, vocabulary), for embeddings laid out as in `hidden`."""
        return self.read(embeds, mask)


def _side_by_side(head: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """States that lie apart, as the last ones of several texts do, moved together: without it
    torch copies the head's matrix once for each text (6 of 23 seconds for 40 texts)."""
    return tuple(states.contiguous() for states in inputs)


def load_llm(name: str | None = None, *, dtype: torch.dtype = torch.float32) -> FrozenLLM:
    """Load the frozen LLM.

    Args:
        name: None for the packaged default, else a Hugging Face id or a local folder.
        dtype: dtype of its weights.

    Raises:
        IlmChatError: with one sentence, when the model cannot be had.
    """
    name = name or DEFAULT_LLM
    library_logging.disable_progress_bar()  # for a load of two seconds, nothing but noise
    source = str(_converted_default()) if name == DEFAULT_LLM else name
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=dtype)
    except (OSError, ValueError) as error:
        raise IlmChatError(
            f"The language model '{name}' could not be loaded: give a Hugging Face id that can be "
            f"reached or a folder with config.json, tokenizer and safetensors ({_line(error)})."
        ) from error
    return FrozenLLM(model, tokenizer, name)


def _converted_default() -> Path:
    """Folder with the default LLM as safetensors, converted once from its GGUF file.

    De-quantizing the GGUF and building its tokenizer takes about half a minute; the converted
    folder loads in two seconds.
    """
    target = cache_dir() / f"{DEFAULT_LLM}-converted"
    complete = target / "complete.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(target) + ".lock"):
        if complete.is_file() and _sizes(target) == json.loads(complete.read_text("utf-8")):
            return target
        folder = fetch(DEFAULT_LLM)
        gguf = next(folder.rglob("*.gguf"))
        free = shutil.disk_usage(target.parent).free
        needed = 8 * gguf.stat().st_size
        if free < needed:
            raise IlmChatError(
                f"Converting the language model needs {needed / 1e6:.0f} MB free in "
                f"{target.parent}, and {free / 1e6:.0f} MB are: free some space or set "
                "ILM_CHAT_CACHE to a folder on a larger disk, then start again."
            )
        log.info("Converting %s once into safetensors (about half a minute)", gguf.name)
        scratch = Path(tempfile.mkdtemp(prefix=target.name, dir=target.parent))
        try:
            _convert(gguf, scratch)
            (scratch / "complete.json").write_text(json.dumps(_sizes(scratch)), "utf-8")
            shutil.rmtree(target, ignore_errors=True)
            scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return target


def _convert(gguf: Path, target: Path) -> None:
    loaded = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32
    )
    # transformers refuses to save a model that still calls itself quantized, although its weights
    # no longer are: move them into a plain model of the same shape.
    settings = loaded.config.to_dict()
    settings.pop("quantization_config", None)
    config = AutoConfig.for_model(**settings)
    with torch.device("meta"):
        plain = AutoModelForCausalLM.from_config(config)
    plain.load_state_dict(loaded.state_dict(), assign=True)
    plain.tie_weights()
    plain.generation_config = loaded.generation_config
    plain.save_pretrained(target)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(target)
    target.chmod(0o755)  # mkdtemp made it private


def _sizes(folder: Path) -> dict[str, int]:
    return {
        path.name: path.stat().st_size
        for path in sorted(folder.iterdir())
        if path.name != "complete.json"
    }


def _first_set(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
