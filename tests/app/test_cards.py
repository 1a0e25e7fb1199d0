from html.parser import HTMLParser

import pytest

from app.cards import card_html, inert, markdown
from app.covers import cover
from app.events import Film, Text
from data.catalogue import Item
from tests.app import fakes

EVIL = '<script>alert("x")</script>&"\''


class Tags(HTMLParser):
    """Collects element names, attribute names and text."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


def test_everything_on_a_card_is_escaped() -> None:
    item = Item(EVIL, EVIL, 1999, (EVIL,), (), (EVIL,), (), EVIL, (EVIL,), (EVIL,))
    tags = parsed(card_html(item, EVIL))
    assert "script" not in tags.names
    assert not [name for name in tags.attributes if name.startswith("on")]
    assert tags.text.count('alert("x")') >= 4


def test_a_card_says_title_year_genres_and_why() -> None:
    text = parsed(card_html(fakes.catalogue()[0], "Because of robots")).text
    for part in ("Star Wars", "1977", "Action", "Sci-Fi", "Because of robots", "George Lucas"):
        assert part in text


def test_a_bare_item_has_a_card_too() -> None:
    tags = parsed(card_html(Item("7", "Nothing Known"), "why not"))
    assert "svg" in tags.names and "None" not in tags.text


def test_covers_are_the_same_every_time_and_differ_between_films() -> None:
    films = fakes.catalogue()
    assert cover(films[3]) == cover(films[3])
    assert len({cover(film) for film in films}) == len(films)


@pytest.mark.parametrize("title", ["M", "word " * 30, "Donaudampfschifffahrtsgesellschaft" * 3])
def test_any_title_fits_on_its_cover(title: str) -> None:
    svg = cover(Item("1", title.strip()))
    lines = [part.split(">", 1)[1] for part in svg.split("<text ")[1:]]
    assert 1 <= len(lines) - 1 <= 5
    assert all(len(line.split("<")[0]) <= 22 for line in lines)


def test_nothing_typed_is_left_as_markup() -> None:
    shown = inert("<b>x</b> [a](http://h) ![i](http://h) `c` **d** # e | f ~g~ $h$ &lt;")
    for sign in "<>[]()`*|~$!":
        assert sign not in shown


def test_film_names_are_bold_and_text_is_inert() -> None:
    assert markdown([Text("See "), Film(0, "M*A*S*H (1970)"), Text(" <now>")]) == (
        "See **M&#42;A&#42;S&#42;H &#40;1970&#41;** &#60;now&#62;"
    )
