import time

import torch

from eval.speed_profile import milliseconds


def test_what_a_run_spends_is_sorted_by_operation() -> None:
    matrix = torch.randn(400, 400)

    def run() -> None:
        matrix @ matrix
        time.sleep(0.05)

    spent = milliseconds(run, 2)
    assert spent["products of matrices"] > 0
    # Half of what was slept in, and nothing of it in an operation.
    assert 20 < spent["outside of torch's operations"] < 2 * sum(spent.values())
    assert "mm" not in spent
