"""Weight matrices in 4 or 8 bits, for the processor kernel of torch that multiplies by them.

At batch 1 a processor spends its time on reading weights: in float32 eight times as many bytes as
in 4 bits. The kernel takes groups of 32 weights with a scale and an offset each, which is the
layout of llama.cpp's Q4_1; the codes of a model that came from such a file are found again.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from data.fetch import cache_dir

GROUP = 32
"""Weights that share a scale."""
_ROWS = 16  # the kernel wants outputs in multiples of it
_CHUNK = 4096  # rows packed at a time, so that packing needs little memory
_EXACT = 0.01  # steps of 4 bits by which a weight may lie beside its code
_SMALL = 50_000_000  # parameters of a model that is packed so fast that no file is kept

log = logging.getLogger(__name__)


def kernel_is_fast() -> bool:
    """Whether torch has more than a plain loop for this processor's 4-bit products."""
    return torch.backends.cpu.get_cpu_capability().startswith("AVX")


class Plain:
    """Linear layers over one input side by side, as they are: nothing is copied.

    Args:
        order: the order in which to give their outputs; None: as they come.
    """

    def __init__(self, layers: Sequence[nn.Linear], order: Tensor | None = None) -> None:
        self.layers, self.order = layers, order
        self.dtype = layers[0].weight.dtype

    def __call__(self, x: Tensor) -> Tensor:
        """(T, inputs) -> (T, outputs of all layers)."""
        y = torch.cat([layer(x) for layer in self.layers], -1)
        return y if self.order is None else y[:, self.order]


class Packed:
    """A matrix in 4 bits, or in 8 where 4 would lose something.

    8 bits are two matrices of 4 over the same input: 16 times the high digits, and the low ones.

    Args:
        codes: as torch packs them.
        scales: (inputs / GROUP, outputs, 2) bfloat16: scale, and what a code of 8 stands for.
        shape: (outputs, inputs) of the matrix.
        bias: (outputs,) bfloat16, or None.
    """

    dtype = torch.bfloat16

    def __init__(
        self, codes: Tensor, scales: Tensor, shape: tuple[int, int], bias: Tensor | None = None
    ) -> None:
        self.codes, self.scales, self.bias = codes, scales, bias
        self.outputs, inputs = shape
        self.bits = 4 * GROUP * len(scales) // inputs

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor | None = None, *, bits: int | None = None) -> Packed:
        """Pack a weight (outputs, inputs), inputs a multiple of GROUP.

        bits: 4 or 8; None: 4 when the weights are exact in them, else 8.
        """
        parts = weight.split(_CHUNK)
        coded = None if bits == 8 else _all_in_4(parts, exact=bits is None)
        if coded is None:
            coded = [_in_8(_padded(part)) for part in parts]
        pack = torch.ops.aten._convert_weight_to_int4pack_for_cpu
        codes = torch.cat([pack(values, 1) for values, _ in coded])
        scales = torch.cat([scales for _, scales in coded], 1).bfloat16()
        outputs, inputs = weight.shape
        return cls(codes, scales, (outputs, inputs), bias)

    def __call__(self, x: Tensor) -> Tensor:
        """(T, inputs) bfloat16 -> (T, outputs) bfloat16; summed in float32 inside."""
        if self.bits == 8:
            x = torch.cat((x, x), -1)
        y = torch.ops.aten._weight_int4pack_mm_for_cpu(x, self.codes, GROUP, self.scales)
        if y.shape[-1] != self.outputs:
            y = y[:, : self.outputs]
        return y if self.bias is None else y + self.bias


_Coded = tuple[Tensor, Tensor]
"""Codes (outputs, inputs) int32 in 0..15, and scales as `Packed` takes them."""


def _all_in_4(parts: Sequence[Tensor], *, exact: bool) -> list[_Coded] | None:
    """Codes of 4 bits; None where `exact` is asked for and they are not."""
    coded = []
    for part in parts:
        groups = _padded(part)
        low, high = groups.aminmax(dim=2, keepdim=True)
        step = (high - low) / 15
        levels = (groups - low) / step.clamp(min=1e-12)
        codes = levels.round()
        if exact and float((levels - codes).abs().max()) > _EXACT:
            return None
        scales = torch.cat((step, low + 8 * step), 2).transpose(0, 1)
        coded.append((codes.flatten(1).int(), scales))
    return coded


def _in_8(groups: Tensor) -> _Coded:
    step = groups.abs().amax(2, keepdim=True) / 127
    codes = (groups / step.clamp(min=1e-12)).round().flatten(1).int() + 128
    digits = torch.cat((codes >> 4, codes & 15), 1)
    high = torch.cat((16 * step, torch.zeros_like(step)), 2)
    low = torch.cat((step, 8 * step), 2)
    return digits, torch.cat((high, low), 1).transpose(0, 1)


def _padded(weight: Tensor) -> Tensor:
    """Groups of a weight, (outputs, inputs / GROUP, GROUP), with outputs as the kernel wants."""
    rows = F.pad(weight.float(), (0, 0, 0, -len(weight) % _ROWS))
    return rows.unflatten(1, (-1, GROUP))


class Packer:
    """Packs the matrices of one model, or takes them from the file of an earlier time.

    With the file the model's own weights need not be read, which saves seconds at the first answer
    and, where they are mapped from disk, their place in memory. Call `save` in the end.
    """

    def __init__(self, model: Any) -> None:
        self._path = _file_of(model)
        self._held: dict[str, Tensor] = {}
        self._complete = False
        if self._path is not None and self._path.is_file():
            try:
                self._held = load_file(self._path)
                self._complete = True
            except (OSError, SafetensorError):
                log.warning("The packed language model in the cache is damaged and is made again.")

    def packed(
        self,
        name: str,
        weight: Callable[[], Tensor],
        shape: tuple[int, int],
        bias: Tensor | None = None,
        bits: int | None = None,
    ) -> Packed:
        """The matrix of this name; `weight` is called where it has to be packed."""
        codes, scales = f"{name}.codes", f"{name}.scales"
        if self._complete:
            return Packed(self._held[codes], self._held[scales], shape, bias)
        made = Packed.of(weight(), bias, bits=bits)
        self._held |= {codes: made.codes, scales: made.scales}
        return made

    def save(self) -> None:
        """Keep what was packed for the next time, where it is worth it and there is room."""
        if self._path is None or self._complete:
            return
        unfinished = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            save_file(self._held, unfinished)
            unfinished.replace(self._path)
        except (OSError, SafetensorError) as error:
            with suppress(OSError):
                unfinished.unlink()
            log.info("The packed language model is not kept for the next start: %s.", error)


def _file_of(model: Any) -> Path | None:
    """Where this model's packed matrices are kept; None for a small one.

    It is told by its configuration and by both ends of every parameter: reading all of them would
    take as long as packing. The layout is the kernel's, which another processor or torch may
    have otherwise.
    """
    parameters = dict(model.named_parameters())
    if sum(parameter.numel() for parameter in parameters.values()) < _SMALL:
        return None
    kernel = torch.__version__, torch.backends.cpu.get_cpu_capability()
    digest = hashlib.sha256(repr((kernel, model.config.to_json_string())).encode())
    for name, parameter in parameters.items():
        values = parameter.detach().flatten()
        ends = torch.cat((values[:GROUP], values[-GROUP:])).float()
        digest.update(name.encode() + ends.numpy().tobytes())
    return cache_dir() / "packed" / f"{digest.hexdigest()[:16]}.safetensors"
