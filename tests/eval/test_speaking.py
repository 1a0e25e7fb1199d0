import itertools
import re
from dataclasses import replace

import numpy as np

from data.catalogue import Catalogue, Item
from eval.demands import NO_DEMANDS, Demands
from eval.speaking import COMMON, Said, Speaker, World
from tests.eval.talks import FILMS, film, viewer

WORLD = World(FILMS)
SEEN = {
    "Star Wars": 5.0,
    "Alien": 4.0,
    "Annie Hall": 5.0,
    "Toy Story": 4.0,
    "Scream": 1.0,
    "Fargo": 3.0,
}


def talk(speaker: Speaker, cards: list[list[int]], text: str = "") -> list[Said]:
    return [speaker.open(), *(speaker.answer(shown, text) for shown in cards)]


def random_cards(seed: int, without: int, turns: int = 8) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    others = [item for item in range(len(FILMS)) if item != without]
    return [rng.choice(others, size=3, replace=False).tolist() for _ in range(turns)]


def test_all_that_is_said_is_true_of_the_target_and_never_names_it() -> None:
    phrases: set[str] = set()
    for target, seed in itertools.product(range(len(FILMS)), range(3)):
        title = FILMS[target].title
        ratings = {name: rating for name, rating in SEEN.items() if name != title}
        speaker = Speaker(viewer(title, ratings), WORLD, seed)
        for said in talk(speaker, random_cards(seed, speaker.viewer.targets[0])):
            own = FILMS[film(title)]
            assert said.demands.broken_by(own) == []
            assert said.genre is None or said.genre in own.genres
            others = said.text
            for item in {*said.liked, *said.disliked, *said.seen}:
                others = others.replace(FILMS[item].title, "")
            assert not re.search(rf"\b{re.escape(title)}\b", others, re.IGNORECASE)
            assert not any(person in said.text for person in own.directors)
            assert own.synopsis not in said.text
            phrases.update(said.phrases)
    # Tags and moods that fewer films share would name the film.
    words = [{*item.tags, *item.moods} for item in FILMS]
    spoken = {one for one, _ in WORLD.genres.values()}
    assert all(sum(phrase in own for own in words) >= COMMON for phrase in phrases - spoken)
    assert {"space", "tense", "a thriller"} <= phrases


def test_a_title_that_films_share_is_said_with_its_year() -> None:
    twins = [replace(FILMS[film("Chasing Amy") + n], id=str(n)) for n in (0, 1)]
    sabrinas = [
        Item("8", "Sabrina (La vie)", 1954, directors=("Billy Wilder",)),
        Item("9", "Sabrina", 1995, directors=("Sydney Pollack",)),
    ]
    world = World(Catalogue("few", [*twins, *sabrinas]))
    titles = [world.title(index) for index in range(4)]
    assert titles == ["Chasing Amy", "Chasing Amy", "Sabrina (1954)", "Sabrina (1995)"]


def test_equal_seeds_say_equal_things() -> None:
    def texts(seed: int) -> list[str]:
        speaker = Speaker(viewer("Blade Runner", SEEN), WORLD, seed)
        return [said.text for said in talk(speaker, random_cards(0, film("Blade Runner")))]

    assert texts(0) == texts(0)
    assert texts(0) != texts(1)


def test_the_first_message_names_loved_films_and_one_wish() -> None:
    opening = Speaker(viewer("Contact", SEEN), WORLD, 0).open()
    assert len(opening.liked) == 3
    for item in opening.liked:
        assert SEEN[FILMS[item].title] >= 4
        assert FILMS[item].title in opening.text
    assert len(opening.phrases) == 1
    unhappy = Speaker(viewer("Contact", {"Scream": 1.0}), WORLD, 0).open()
    assert unhappy.liked == ()
    assert "Scream" not in unhappy.text


def test_seen_films_get_the_verdict_of_their_rating() -> None:
    speaker = Speaker(viewer("Contact", SEEN), WORLD, 0)
    speaker.open()
    cards = [film("Alien"), film("Scream"), film("Fargo")]
    said = speaker.answer(cards, "")
    assert said.seen == tuple(cards)
    assert film("Alien") in said.liked
    assert said.disliked == (film("Scream"),)
    assert all(FILMS[card].title in said.text for card in cards)


def test_nothing_is_said_twice_and_in_the_end_it_asks_for_more() -> None:
    speaker = Speaker(viewer("Stargate", {"Alien": 5.0}), WORLD, 0)
    cards = [film("Grease"), film("Psycho"), film("Casablanca")]
    said = talk(speaker, [cards] * 60)
    phrases = [phrase for message in said for phrase in message.phrases]
    assert len(phrases) == len(set(phrases))
    demands = [message.demands for message in said]
    assert demands[-1].no_genres == {"Comedy", "Musical", "Romance", "Horror", "Thriller", "Drama",
                                     "War"}  # fmt: skip
    assert said[-1].text in [template.text for template in WORLD.says["more"]]


def test_nothing_is_held_against_a_film_that_was_loved() -> None:
    loved = {"Annie Hall": 5.0, "Scream": 5.0, "Star Wars": 4.0}
    cards = [film(title) for title in loved]
    for seed in range(20):
        speaker = Speaker(viewer("Unforgiven", loved), WORLD, seed)
        for said in talk(speaker, [cards] * 10):
            assert said.demands.no_genres == frozenset()
            assert said.demands.no_people == frozenset()


def test_a_question_is_answered() -> None:
    about_years = 0
    for seed in range(20):
        speaker = Speaker(viewer("Casablanca", {"Alien": 5.0}), WORLD, seed)
        speaker.open()
        said = speaker.answer([film("Fargo")], "Noted. Would you like something older or newer?")
        about_years += "older" in said.text or said.demands.last_year == 1949
    assert about_years == 20


def test_what_was_never_asked_for_is_dropped_first() -> None:
    speaker = Speaker(viewer("Casablanca", SEEN), WORLD, 0)
    speaker.demands = Demands(no_genres=frozenset({"Horror"}), last_year=1949)
    offer = "Nothing fits. “drop no Horror” leaves 3 films; “drop Wes Craven” leaves one film."
    said = speaker.answer([], offer)
    assert said.text == "Drop Wes Craven"
    assert said.demands.no_genres == {"Horror"}
    said = speaker.answer([], "“drop no Horror” leaves 3 films; “drop 1949 or earlier” leaves 4")
    assert said.text == "Drop no Horror"
    assert said.demands == Demands(last_year=1949)
    said = speaker.answer([], "I have nothing to offer.")
    assert said.afresh
    assert said.demands == NO_DEMANDS


def test_a_tag_that_sounds_like_a_genre_or_a_year_is_not_said() -> None:
    """Regression: "no comedies" and then "something with black comedy in it"; "1990 or later" and
    then "something with 1970s in it"."""
    tags = ("black comedy", "1970s", "small town")
    films = [Item(str(n), f"Film {n}", 1990, ("Drama", "Comedy"), tags=tags) for n in range(COMMON)]
    assert World(Catalogue("few", films)).tags(0) == ["small town"]
