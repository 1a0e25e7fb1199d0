import pytest

from app.engine import Engine
from app.session import State
from app.turns import CARDS
from eval.demands import Demands
from eval.partners import LISTED, EnginePartner, OneShot, by_popularity, by_text
from eval.speaking import Said
from tests.app import fakes
from tests.eval.talks import FILMS, film


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(fakes.parts())


def test_the_engine_lists_its_cards_first_and_then_what_comes_next(engine: Engine) -> None:
    partner = EnginePartner(engine)
    first = partner.reply(Said("I loved Alien. Something in space."))
    assert len(first.cards) == CARDS
    assert first.listing[:CARDS] == first.cards
    assert len(set(first.listing)) == LISTED
    assert film("Alien") not in first.listing
    assert {item for item, _ in first.films} >= set(first.cards)
    assert all(FILMS[item].title not in first.prose for item in first.cards)
    second = partner.reply(Said("more"))
    assert not set(first.cards) & set(second.listing)
    assert EnginePartner(engine).reply(Said("I loved Alien. Something in space.")) == first


def test_a_card_that_breaks_the_engines_own_filter_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def carelessly(state: State, count: int, **_: object) -> list[int]:
        return [film("Alien"), film("Heat")][:count]

    monkeypatch.setattr(engine.chooser, "recommend", carelessly)
    found = EnginePartner(engine).reply(Said("A thriller without horror, please."))
    assert [item for item, _ in found.filtered] == [film("Alien")]
    assert "no Horror" in found.filtered[0][1]


def test_the_one_shot_hears_nothing_after_the_first_likes(engine: Engine) -> None:
    partner = OneShot(engine, turns=3)
    liked = (film("Alien"),)
    ranking = engine.recommend(State(likes=liked), 10)
    replies = [partner.reply(Said("...", liked=liked))]
    replies += [partner.reply(Said("no horror", demands=Demands(frozenset({"Horror"}))))]
    replies.append(partner.reply(Said("more")))
    assert [list(reply.listing) for reply in replies] == [ranking] * 3
    assert [item for reply in replies for item in reply.cards] == ranking[:9]


def test_popularity_keeps_to_what_was_demanded_and_repeats_nothing(engine: Engine) -> None:
    partner = by_popularity(engine.parts)
    first = partner.reply(Said("", liked=(0,), seen=(1,)))
    assert first.listing == tuple(range(2, 12))  # the fake popularity falls with the index
    demands = Demands(no_genres=frozenset({"Horror"}), last_year=1985)
    second = partner.reply(Said("", demands=demands, genre="Sci-Fi"))
    right = [
        index
        for index, item in enumerate(FILMS)
        if index > 4 and "Sci-Fi" in item.genres and (item.year or 0) <= 1985
    ]
    assert list(second.listing) == right
    third = partner.reply(Said("", genre="Romance", liked=(film("Annie Hall"),)))
    amy = film("Chasing Amy")
    assert amy in third.listing
    assert amy + 1 not in third.listing


def test_text_goes_by_the_wished_for_words_alone(engine: Engine) -> None:
    partner = by_text(engine.parts)
    said = Said("mafia mafia mafia", phrases=("hotel",))
    assert partner.reply(said).cards[0] == film("The Shining")
    assert partner.reply(Said("", phrases=("snow",), afresh=True)).cards[0] == film("Fargo")
