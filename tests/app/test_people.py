"""Directors and actors named in a message: wanted, refused, or part of a title."""

import numpy as np
import pytest

from app.people import PeopleIndex
from app.reader import Reader
from app.titles import TitleIndex
from data.catalogue import Catalogue, Item
from tests.app.test_asking import CATALOGUE
from tests.app.test_understanding import read


def test_people_are_found() -> None:
    assert read("anything by Kubrick").people == ("Stanley Kubrick",)
    assert read("something with ridley scott").people == ("Ridley Scott",)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("a thriller, but not with Ridley Scott", (), ("Ridley Scott",)),  # was taken as wanted
        ("not Kubrick please", (), ("Stanley Kubrick",)),
        ("no ridley scott or david fincher", (), ("Ridley Scott", "David Fincher")),
        (
            "by Ridley Scott, nothing by David Fincher",
            ("Ridley Scott",),
            ("David Fincher",),
        ),
        ("not horror, something by Ridley Scott", ("Ridley Scott",), ()),
        ("I can't stand Stanley Kubrick", (), ("Stanley Kubrick",)),
    ],
)
def test_people_may_be_unwanted(
    text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]
) -> None:
    said = read(text)
    assert (said.people, said.people_out) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("something by hitchcock", ("Alfred Hitchcock",)),  # lower case was not found
        ("hitchcock", ("Alfred Hitchcock",)),
        ("a kubrick film please", ("Stanley Kubrick",)),
        ("kubrick or hitchcock", ("Stanley Kubrick", "Alfred Hitchcock")),
        ("my friend fincher came over", ()),
        ("kubrick sci fi", ("Stanley Kubrick",)),  # was a wish for "kubrick"
        ("howard called last night", ()),
    ],
)
def test_lone_surnames_in_lower_case(text: str, people: tuple[str, ...]) -> None:
    assert read(text).people == people


def test_a_surname_beside_nobody_is_none() -> None:
    """ "Like thelma and louise" asked for Anita Louise; "from Italy" was somebody unheard of."""
    people = PeopleIndex(CATALOGUE)
    assert people.find("like zelda and fincher")[0] == ()
    assert people.find("like scott and fincher")[0] == ("Ridley Scott", "David Fincher")
    assert people.wanted("films from Italy please").strangers == ()


def test_in_the_manner_of_a_director_goes_by_their_films() -> None:
    films = [Item(str(at), f"Film {at}", directors=("Alfred Hitchcock",)) for at in range(4)]
    people = PeopleIndex(Catalogue("h", [*films, Item("9", "One", directors=("Ann Austr",))]))
    assert people.wanted("something hitchcockian").alike == ("Alfred Hitchcock",)
    assert people.find("an austrian film")[0] == ()
    gish = PeopleIndex(Catalogue("g", [Item("1", "One", directors=("Lillian Gish",))]))
    assert gish.wanted("something with Lillian Gish").wanted == ("Lillian Gish",)


def test_a_first_name_before_films_is_somebody() -> None:
    """ "A good Denzel movie" found S.F.W."""
    films = [Item(str(at), f"F{at}", cast=("Denzel Washington",)) for at in range(4)]
    people = PeopleIndex(Catalogue("d", films))
    assert people.wanted("whats a good Denzel movie").wanted == ("Denzel Washington",)
    assert people.wanted("denzel films").wanted == ("Denzel Washington",)
    assert people.wanted("my friend denzel called").wanted == ()


def test_what_is_told_about_somebody_is_told_by_their_films() -> None:
    people = PeopleIndex(CATALOGUE)
    assert people.wanted("what can you tell me about Ridley Scott").wanted == ("Ridley Scott",)
    assert people.wanted("a film about Ridley Scott").wanted == ()


def test_hollywood_is_a_place() -> None:
    people = PeopleIndex(Catalogue("h", [Item("1", "One", cast=("Gary Hollywood",))]))
    assert people.wanted("I'm bored of Hollywood").unwanted == ()
    assert people.wanted("not Gary Hollywood").unwanted == ("Gary Hollywood",)


def test_besides_somebody_is_without_them() -> None:
    people = PeopleIndex(CATALOGUE).wanted("besides Ridley Scott")
    assert (people.wanted, people.unwanted) == ((), ("Ridley Scott",))  # kept to their films


def test_who_wrote_a_film_is_nobody_who_acted() -> None:
    assert PeopleIndex(CATALOGUE).wanted("with a score by Ridley Scott").wanted == ()


def test_two_capitals_are_a_name() -> None:
    """ "From Studio Ghibli" found films of studios."""
    people = PeopleIndex(CATALOGUE, plain=("studio",))
    assert people.wanted("Something from Studio Ghibli?").strangers == ("Studio Ghibli",)


def test_a_tag_of_that_name_leaves_a_surname_a_surname() -> None:
    films = Catalogue(
        "c", [Item("1", "Rope", directors=("Alfred Hitchcock",), tags=("hitchcock style",))]
    )
    reader = Reader(films, TitleIndex(films, np.ones(1, dtype=np.float32)))
    assert reader.read("hitchcock").people == ("Alfred Hitchcock",)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want anything by Ridley Scott.",
        "I don't want to see anything by Ridley Scott",
        "nothing by Ridley Scott, please",
    ],
)
def test_people_who_are_refused_are_not_wanted(text: str) -> None:
    """Regression: "I don't want anything by ..." asked for that person's films."""
    said = read(text)
    assert (said.people, said.people_out) == ((), ("Ridley Scott",))


def test_a_person_in_a_title_is_still_a_person() -> None:
    """Regression: "Wes Craven" was taken for the film of that name, and his films came."""
    titles = ("Wes Craven's New Nightmare", "Scream")
    films = Catalogue(
        "two",
        [Item(str(n), title, 1996, directors=("Wes Craven",)) for n, title in enumerate(titles)],
    )
    reader = Reader(films, TitleIndex(films, np.ones(2, dtype=np.float32)))
    said = reader.read("I've seen Scream. I don't want anything by Wes Craven.")
    assert (said.named, said.people, said.people_out) == ((1,), (), ("Wes Craven",))
    assert reader.read("I loved New Nightmare").named == (0,)


def test_brothers_are_all_of_that_name() -> None:
    films = Catalogue("one", [Item("1", "Fargo", 1996, directors=("Joel Coen", "Ethan Coen"))])
    reader = Reader(films, TitleIndex(films, np.ones(1, dtype=np.float32)))
    said = reader.read("no coen brothers this time")
    assert (said.people, said.people_out) == ((), ("Joel Coen", "Ethan Coen"))
    assert reader.read("something by the Coen brothers").people == ("Joel Coen", "Ethan Coen")
    assert reader.read("coens or no coens, with two young brothers in it").people == ()


def test_what_is_listed_after_a_refusal_is_refused_too() -> None:
    """Regression: in "not by Scott or the Coen brothers" the brothers were wanted."""
    directors = ("Ridley Scott", "Joel Coen", "Ethan Coen")
    films = Catalogue("three", [Item(d, d[::-1], 1996, directors=(d,)) for d in directors])
    reader = Reader(films, TitleIndex(films, np.ones(3, dtype=np.float32)))
    said = reader.read("not by Ridley Scott or the Coen brothers")
    assert said.people == () and set(said.people_out) == set(directors)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("something with jack nicholsen", ("Jack Nicholson",), ()),
        ("no jack nicholsen please", (), ("Jack Nicholson",)),
        ("jack nicholas was here", (), ()),
    ],
)
def test_a_surname_with_one_slip(
    text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]
) -> None:
    """ "no jim carey" asked for films with Harry Carey."""
    item = Item(id="1", title="Chinatown", cast=("Jack Nicholson", "Faye Dunaway"))
    index = PeopleIndex(Catalogue("one", [item]))
    found = index.wanted(text)
    assert (found.wanted, found.unwanted) == (wanted, unwanted)


def test_with_is_nobodys_first_name() -> None:
    """W. S. Van Dyke made "with" a first name, and "films with pacino" found nobody."""
    rows = [("The Thin Man", "W. S. Van Dyke", "William Powell")]
    rows += [(f"Film {n}", "Somebody Else", "Al Pacino") for n in range(4)]
    films = [
        Item(id=str(n), title=title, year=1990, genres=("Drama",), directors=(by,), cast=(actor,))
        for n, (title, by, actor) in enumerate(rows)
    ]
    index = PeopleIndex(Catalogue("people", films))
    assert index.wanted("films with pacino").wanted == ("Al Pacino",)


def test_a_name_in_a_story_is_still_a_name() -> None:
    """ "Al Pacino plays himself" in one story hid him from "something with pacino"."""
    films = [
        Item(
            id=str(n),
            title=f"Film {n}",
            year=1990,
            genres=("Drama",),
            directors=("Somebody Else",),
            cast=("Al Pacino", "Julie London"),
            synopsis="Al Pacino plays himself in London." if n == 0 else "",
        )
        for n in range(4)
    ]
    catalogue = Catalogue("people", films)
    index = PeopleIndex(catalogue, written={"pacino", "london", "plays", "himself", "in", "al"})
    assert index.wanted("something with pacino").wanted == ("Al Pacino",)
    assert not index.wanted("something with london in it").wanted


def test_favourites_are_people_to_go_by() -> None:
    """Regression: a wish for "directors are Kubrick and the Coens"."""
    said = read("My favourite directors are Kubrick, Hitchcock and Lucas.")
    assert said.people == ("Stanley Kubrick", "Alfred Hitchcock", "George Lucas")
    assert not said.wish


def test_a_surname_of_several_means_all_of_them() -> None:
    """Regression: "I have nothing by or with Scott"."""
    several = [
        Item("1", "One", 1990, directors=("Ridley Scott",)),
        Item("2", "Two", 1991, directors=("Tony Scott",), cast=("George C. Scott",)),
        Item("3", "Three", 1992, directors=("Joel Coen", "Ethan Coen")),
        Item("4", "Four", 1993, directors=("Theo van Gogh",)),
    ]
    people = PeopleIndex(Catalogue("several", several))
    assert people.wanted("something by Scott").wanted == ("Ridley Scott", "Tony Scott")
    assert people.wanted("nothing by the Coens").unwanted == ("Joel Coen", "Ethan Coen")
    assert people.wanted("something by scott").wanted == ()
    assert people.wanted("a film with Scott").strangers == ()
    # "A film about Van Gogh" is none by Theo.
    assert people.wanted("a film about Van Gogh").wanted == ()
    assert people.wanted("what about Van Gogh?").wanted == ("Theo van Gogh",)


def test_heard_is_no_surname() -> None:
    people = PeopleIndex(Catalogue("one", [Item("1", "One", 1990, cast=("John Heard",))]))
    assert people.wanted("never heard of the other two").unwanted == ()
    assert people.wanted("not with John Heard").unwanted == ("John Heard",)


def test_an_author_is_no_stranger() -> None:
    """Regression: "no film here names jane austen", of four films tagged so."""
    people = PeopleIndex(CATALOGUE, told_of=lambda name: name == "jane austen")
    assert people.wanted("a film by jane austen").strangers == ()
    assert PeopleIndex(CATALOGUE).wanted("a film by jane austen").strangers == ("jane austen",)


def test_a_name_alone_that_no_film_has_is_said_to_be_unknown() -> None:
    assert read("Stanley Gosling").strangers == ("Stanley Gosling",)
    assert read("Stanley Scott").strangers == ("Stanley Scott",)
    assert read("Stanley Hotel").strangers == ()
    assert read("Stanley Kubrick").strangers == ()


def test_a_name_that_goes_on_is_somebody_else_s() -> None:
    """Regression: "not James Bond" was about an actor called James."""
    films = Catalogue("few", [Item("1", "Rope", 1948, cast=("Steve James", "Sean Connery"))])
    people = PeopleIndex(films)
    assert people.wanted("with Sean Connery but not James Bond")[:2] == (("Sean Connery",), ())
    assert people.wanted("with Sean Connery but not James")[1] == ("Steve James",)


def test_a_first_name_means_who_has_most_films() -> None:
    films = [Item(str(id), f"F{id}", 1990, cast=("Arnold Schwarzenegger",)) for id in range(5)]
    films.append(Item("9", "Rose", 1950, cast=("Tom Arnold",)))
    people = PeopleIndex(Catalogue("few", films))
    assert people.wanted("nothing with Arnold")[1] == ("Arnold Schwarzenegger",)
    assert people.wanted("nothing with Tom Arnold")[1] == ("Tom Arnold",)


def test_people_go_by_other_names_too() -> None:
    films = Catalogue(
        "few",
        [
            Item("1", "Rope", 1948, cast=("James Stewart", "Samuel L. Jackson")),
            Item("2", "Rose", 1950, cast=("Jim Carrey",)),
        ],
    )
    people = PeopleIndex(films)
    assert people.find("anything with Jimmy Stewart?")[0] == ("James Stewart",)
    assert people.find("samuel jackson films")[0] == ("Samuel L. Jackson",)
    assert people.find("Jim Carrey")[0] == ("Jim Carrey",)


def test_a_generation_is_no_surname() -> None:
    """ "Not 3 hours" ruled out Brendan Sexton III, and "Robert Downey" was nobody."""
    cast = ("Brendan Sexton III", "Robert Downey Jr.", "Cuba Gooding Jr.")
    people = PeopleIndex(Catalogue("g", [Item("1", "One", cast=cast)]))
    assert people.find("but not 3 hours")[0] == ()
    assert people.find("with Robert Downey")[0] == ("Robert Downey Jr.",)
    assert people.find("with Gooding or Sexton")[0] == ("Cuba Gooding Jr.", "Brendan Sexton III")


@pytest.mark.parametrize("text", ["I'm a huge Kubrick fan", "big kubrick fan here, what's next?"])
def test_a_fan_wants_their_films(text: str) -> None:
    """Was a wish for "huge Kubrick fan"."""
    assert read(text).people == ("Stanley Kubrick",) and not read(text).wish
