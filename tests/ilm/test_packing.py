from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ilm import packing
from ilm.packing import GROUP, Packed, Packer, Plain


def q4_1(outputs: int, inputs: int) -> Tensor:
    """A weight as a Q4_1 file gives it: scale and minimum in half precision, 16 levels."""
    scale = torch.rand(outputs, inputs // GROUP, 1).half().float() * 0.01 + 0.001
    low = -8 * scale + torch.randn_like(scale).half().float() * 0.001
    codes = torch.randint(0, 16, (outputs, inputs // GROUP, GROUP))
    codes[..., :2] = torch.tensor([0, 15])  # the format's levels span its group
    return (codes * scale + low).flatten(1)


def product(packed: Packed, x: Tensor) -> Tensor:
    return packed(x.bfloat16()).float()


def error(packed: Packed, weight: Tensor) -> float:
    """Relative error of the packed weight, read out column by column."""
    read = product(packed, torch.eye(weight.shape[1])).T
    return float((read - weight).norm() / weight.norm())


@pytest.mark.parametrize("outputs", [16, 37, 5000])
def test_weights_of_16_levels_come_back_but_for_the_scale_s_rounding(outputs: int) -> None:
    weight = q4_1(outputs, 96)
    packed = Packed.of(weight)
    assert packed.bits == 4
    assert error(packed, weight) < 2**-8
    assert packed(torch.ones(3, 96).bfloat16()).shape == (3, outputs)


def test_other_weights_get_8_bits() -> None:
    weight = torch.randn(48, 64)
    packed = Packed.of(weight)
    assert packed.bits == 8
    assert error(packed, weight) < 0.01
    assert error(Packed.of(weight, bits=4), weight) > 0.05


def test_one_weight_between_the_levels_is_enough_for_8_bits() -> None:
    weight = q4_1(5000, 64)
    step = float(weight[4999, :GROUP].max() - weight[4999, :GROUP].min()) / 15
    weight[4999, 5] += 0.4 * step if weight[4999, 5] < weight[4999, :GROUP].mean() else -0.4 * step
    assert Packed.of(weight).bits == 8


def test_groups_of_equal_weights_are_no_division_by_zero() -> None:
    weight = torch.zeros(32, 64)
    weight[:, GROUP:] = 0.5
    assert torch.equal(product(Packed.of(weight), torch.ones(1, 64)), torch.full((1, 32), 16.0))
    assert error(Packed.of(weight, bits=8), weight) < 0.01


def test_the_bias_is_added() -> None:
    weight, bias = q4_1(20, 32), torch.arange(20).bfloat16()
    there = product(Packed.of(weight, bias), torch.zeros(2, 32))
    assert torch.equal(there, bias.float().expand(2, -1))


def test_plain_layers_stand_side_by_side_in_the_order_asked_for() -> None:
    layers = [nn.Linear(8, 3), nn.Linear(8, 2)]
    x = torch.randn(4, 8)
    both = torch.cat([layer(x) for layer in layers], 1)
    assert torch.equal(Plain(layers)(x), both)
    order = torch.tensor([4, 0, 2, 1, 3])
    assert torch.equal(Plain(layers, order)(x), both[:, order])


class Model(nn.Module):
    class config:
        @staticmethod
        def to_json_string() -> str:
            return "{}"

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.linear = nn.Parameter(weight, requires_grad=False)

    def packed(self) -> tuple[Packed, int]:
        """Its matrix, and how often the weight had to be read."""
        packer, read = Packer(self), 0

        def weight() -> Tensor:
            nonlocal read
            read += 1
            return self.linear

        rows, columns = self.linear.shape
        made = packer.packed("linear", weight, (rows, columns))
        packer.save()
        return made, read


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(packing, "_SMALL", 0)
    monkeypatch.setattr(packing, "cache_dir", lambda: tmp_path)
    return tmp_path / "packed"


def test_a_model_is_packed_once(cache: Path) -> None:
    for weight in (q4_1(48, 64), torch.randn(48, 64)):
        first, read = Model(weight).packed()
        assert read == 1
        again, read = Model(weight).packed()
        assert read == 0
        assert again.bits == first.bits
        x = torch.randn(2, 64)
        assert torch.equal(product(first, x), product(again, x))
    assert len(list(cache.iterdir())) == 2


def test_another_processor_s_layout_is_not_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Packed for AVX512 and read on AVX2, the logits of SmolLM2 were off by 49.
    model = Model(q4_1(48, 64))
    model.packed()
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX0")
    assert model.packed()[1] == 1


def test_a_damaged_file_is_packed_anew(cache: Path) -> None:
    model = Model(q4_1(48, 64))
    model.packed()
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert model.packed()[1] == 1
    assert model.packed()[1] == 0


def test_without_room_for_the_file_the_model_is_packed_all_the_same(cache: Path) -> None:
    cache.write_text("in the way")
    made, read = Model(q4_1(48, 64)).packed()
    assert (made.bits, read) == (4, 1)


def test_a_small_model_is_packed_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "cache_dir", lambda: tmp_path)
    assert Model(q4_1(48, 64)).packed()[1] == 1
    assert not list(tmp_path.iterdir())
