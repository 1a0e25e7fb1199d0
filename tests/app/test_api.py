"""The endpoints: what they give, and what they make of values that nobody should send."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from app import api, ui
from app.engine import Engine
from app.session import State
from data.errors import IlmChatError

README = "I loved The Empire Strikes Back and Alien, something in space but not horror"
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def test_the_api_carries_the_session(engine: Engine) -> None:
    first = api.answer(engine, README)
    assert {"id", "title", "year", "genres", "why"} == set(first["items"][0])
    second = api.answer(engine, "more", first["session"])
    ids = [{item["id"] for item in answer["items"]} for answer in (first, second)]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    assert "session" in api.answer(engine, "hello", {"likes": "x"})["text"]


def test_the_film_last_talked_about_is_carried_too(engine: Engine) -> None:
    about = api.answer(engine, "tell me about Casablanca")
    assert about["session"]["focus"] == "17"
    assert "Casablanca" in api.answer(engine, "who directed it?", about["session"])["text"]


def test_recommend_keeps_to_what_is_asked_and_is_the_engine_s_order(engine: Engine) -> None:
    found = api.recommend(engine, likes=["4", "5"], not_genres=["Horror"], year_max=1985, count=5)
    assert 0 < len(found) <= 5
    assert all("Horror" not in film["genres"] and film["year"] <= 1985 for film in found)
    assert not {film["id"] for film in found} & {"4", "5"}
    plain = api.recommend(engine, likes=["4"], count=7)
    assert api.recommend(engine, likes=["4"], count=7, novelty="surprising") != plain
    order = engine.recommend(State(likes=(3,)), 7)
    assert [film["id"] for film in plain] == [engine.catalogue.ids[item] for item in order]


def test_similar_films_are_the_nearest_and_not_the_film_or_its_twin(engine: Engine) -> None:
    found = [film["id"] for film in api.similar(engine, "1", 3)]
    assert {"2", "3"} <= {*found} and "1" not in found
    amy = [film["id"] for film in api.similar(engine, "31", 100)]
    assert not {"31", "32"} & {*amy} and len(amy) == 34
    assert len({"31", "32"} & {film["id"] for film in api.similar(engine, "1", 100)}) == 1


def test_an_item_has_all_that_the_catalogue_knows(engine: Engine) -> None:
    film = api.describe(engine.catalogue, "17")
    assert film["title"] == "Casablanca" and film["directors"] == ["Michael Curtiz"]
    assert film["tags"] == ["exile", "lost love", "nightclub"]


def test_feedback_goes_on_and_off(engine: Engine) -> None:
    films = engine.catalogue
    liked = api.feedback(films, None, "17", "like")
    assert liked["likes"] == ["17"]
    disliked = api.feedback(films, liked, "17", "dislike")
    assert (disliked["likes"], disliked["dislikes"]) == ([], ["17"])
    assert api.feedback(films, disliked, "17", "dislike", False)["dislikes"] == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"likes": "4"}, "'likes' is a list of texts"),
        ({"likes": [4]}, "'likes' is a list of texts"),
        ({"likes": ["999"]}, "999"),
        ({"seen": ["4"] * 37}, "'seen' names more films"),
        ({"genres": ["Noise"]}, "no genre 'Noise'"),
        ({"year_min": "1990"}, "'year_min' is a year"),
        ({"year_min": True}, "'year_min' is a year"),
        ({"wish": "x" * 1001}, "'wish' is a text of at most 1,000"),
        ({"count": 0}, "from 1 to 100"),
        ({"count": 101}, "from 1 to 100"),
        ({"count": 2.5}, "from 1 to 100"),
        ({"novelty": "wild"}, "familiar, balanced, surprising"),
    ],
)
def test_bad_values_are_one_sentence(engine: Engine, values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(IlmChatError, match=re.escape(sentence)):
        api.recommend(engine, **values)


def test_a_session_has_a_bound(engine: Engine) -> None:
    huge = {"likes": ["4"] * 100_000}
    assert "at most 200,000" in api.answer(engine, "hello", huge)["text"]
    with pytest.raises(IlmChatError, match="at most 200,000"):
        api.feedback(engine.catalogue, huge, "4", "like")


@pytest.fixture(scope="module")
def address(engine: Engine) -> Iterator[str]:
    blocks = ui.build(lambda: engine, engine.catalogue, engine.parts.popularity, "36 films")
    _, url, _ = blocks.launch(
        server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **ui.launch_options()
    )
    yield url
    blocks.close()


def test_the_documented_client_example_runs(address: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert "http://127.0.0.1:7860" in example
    names: dict[str, Any] = {}
    exec(example.replace("http://127.0.0.1:7860/", address), names)
    assert names["answer"]["items"] and names["more"]["items"]
    assert names["film"]["title"] and names["alike"] and names["films"]
    shown = {item["id"] for item in names["answer"]["items"]}
    assert not shown & {item["id"] for item in names["more"]["items"]}


def test_every_endpoint_is_documented_with_its_parameters(address: str) -> None:
    client = Client(address, verbose=False)
    text = DOCS.read_text(encoding="utf-8")
    info = client.view_api(return_format="dict")["named_endpoints"]
    assert list(info) == ["/chat", "/recommend", "/similar", "/item", "/feedback"]
    for name, endpoint in info.items():
        assert endpoint["description"], name
        section = text.split(f"## {name}")[1].split("\n## ")[0]
        for parameter in endpoint["parameters"]:
            assert f"`{parameter['parameter_name']}`" in section, (name, parameter)


def test_a_client_gets_the_sentence(address: str) -> None:
    client = Client(address, verbose=False)
    with pytest.raises(AppError, match="Item 999 is not in the catalogue"):
        client.predict(item="999", api_name="/item")
