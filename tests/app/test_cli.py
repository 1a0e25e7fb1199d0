import json
import socket
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app import __main__ as cli
from app.fitting import candidates_of, figures
from app.loading import check_catalogue, check_weights, story_embeddings
from data.errors import IlmChatError
from tests.app import fakes

RUN = CliRunner()


@pytest.mark.parametrize("verb", ["chat", "ask", "recommend", "fit-ranker"])
def test_every_verb_shows_an_example(verb: str) -> None:
    result = RUN.invoke(cli.app, [verb, "--help"])
    assert result.exit_code == 0 and f"python -m app {verb}" in result.output


@pytest.mark.parametrize(
    "arguments", [["chat"], ["ask", "hello"], ["recommend", "--user", "1"], ["fit-ranker"]]
)
def test_missing_weights_are_one_sentence(arguments: list[str], tmp_path: Path) -> None:
    result = RUN.invoke(cli.app, [*arguments, "--weights", str(tmp_path)])
    assert isinstance(result.exception, IlmChatError)
    assert "holds no trained model" in str(result.exception)
    assert "make train" in str(result.exception)


def weights(folder: Path) -> Path:
    for name in ("config.json", "ids.json", "model.safetensors"):
        (folder / name).write_text("{}")
    (folder / "metadata.json").write_text(json.dumps({"dataset": "ml-100k"}))
    return folder


def test_a_taken_port_is_one_sentence_that_names_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = RUN.invoke(
            cli.app, ["chat", "--port", str(port), "--weights", str(weights(tmp_path))]
        )
    assert isinstance(result.exception, IlmChatError)
    assert str(port) in str(result.exception) and "--port" in str(result.exception)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [("--posters", "holds no posters"), ("--database", "is no usable history")],
)
def test_a_file_that_the_chat_cannot_use_is_one_sentence(
    option: str, sentence: str, tmp_path: Path
) -> None:
    odd = tmp_path / "odd"
    odd.write_text("neither pictures nor a database " * 100)
    arguments = ["chat", "--weights", str(weights(tmp_path)), option, str(odd), "--port", "45871"]
    result = RUN.invoke(cli.app, arguments)
    assert isinstance(result.exception, IlmChatError)
    assert sentence in str(result.exception) and str(odd) in str(result.exception)


def test_the_chat_keeps_history_unless_told_not_to(tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    odd.write_text("no database " * 100)
    arguments = ["chat", "--weights", str(weights(tmp_path)), "--database", str(odd)]
    data = tmp_path / "metadata.json"
    data.write_text(json.dumps({"dataset": "no such set"}))
    result = RUN.invoke(cli.app, [*arguments, "--no-history", "--port", "45871"])
    assert "no such set" in str(result.exception), "the history was opened all the same"


def test_a_model_beside_needs_presenter_mode_and_the_same_films(tmp_path: Path) -> None:
    arguments = ["chat", "--weights", str(weights(tmp_path)), "--beside", str(tmp_path)]
    result = RUN.invoke(cli.app, arguments)
    assert isinstance(result.exception, IlmChatError) and "--present" in str(result.exception)
    films = fakes.catalogue()
    check_catalogue(tmp_path, films)
    (tmp_path / "metadata.json").write_text(json.dumps({"catalogue": films.digest}))
    check_catalogue(tmp_path, films)
    (tmp_path / "metadata.json").write_text(json.dumps({"catalogue": "0" * 64}))
    with pytest.raises(IlmChatError, match="other films than those of fake"):
        check_catalogue(tmp_path, films)


def test_models_beside_are_called_by_their_runs(tmp_path: Path) -> None:
    """Regression: of two runs of one name the first was silently left out."""
    folders = [tmp_path / run / "mlp-cpu-0" / "model" for run in "ab"]
    assert cli._named(folders) == {"mlp-cpu-0": folders[0], str(folders[1]): folders[1]}
    assert list(cli._named([tmp_path / "ilm"])) == ["ilm"]


def test_broken_metadata_is_one_sentence(tmp_path: Path) -> None:
    (weights(tmp_path) / "metadata.json").write_text("{")
    with pytest.raises(IlmChatError, match=r"metadata\.json cannot be read"):
        check_weights(tmp_path)


def test_embeddings_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ILM_CHAT_CACHE", str(tmp_path))
    films = fakes.catalogue()
    made = story_embeddings(films, fakes.FakeEncoder())

    class Refusing:
        def encode(self, texts: object) -> np.ndarray:
            raise AssertionError("the cache was not used")

    assert np.array_equal(story_embeddings(films, Refusing()), made)


def test_figures_against_a_hand_made_table() -> None:
    # Places of the targets: 1, 3, tied for 1 and 2 (the tie counts against it), not ranked.
    scores = np.zeros((4, 12), dtype=np.float32)
    scores[0, 5] = 2
    scores[1, :3] = (3, 2, 1)
    scores[2, 4:6] = 1
    scores[3, 0] = -np.inf
    found = figures(scores, np.array([5, 2, 4, 0]))
    assert found["HR@10"] == 0.75
    expected = (1 + 1 / np.log2(4) + 1 / np.log2(3) + 0) / 4
    assert found["NDCG@10"] == pytest.approx(expected)


def test_candidates_never_hold_what_was_chosen() -> None:
    rng = np.random.default_rng(0)
    columns = {name: rng.normal(size=(3, 500)).astype(np.float32) for name in "ab"}
    histories = [[1, 2, 3], [], [499]]
    chosen = candidates_of(columns, histories)
    for row, history in enumerate(histories):
        expected: set[int] = set()
        for column in columns.values():
            left = [i for i in np.argsort(-column[row]).tolist() if i not in history]
            expected |= {*left[:100]}
        assert {*np.flatnonzero(chosen[row]).tolist()} == expected
