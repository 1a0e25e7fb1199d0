from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.cards import card_html, choice_html, inert, link, markdown, tile_html
from app.covers import Pictures, cover
from app.events import Film, Text
from data.catalogue import Catalogue, Item
from data.errors import IlmChatError
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
    drawn = Pictures()
    for html in (card_html(item, EVIL, drawn), tile_html(item, drawn), choice_html(item, drawn)):
        tags = parsed(html)
        assert "script" not in tags.names
        assert not [name for name in tags.attributes if name.startswith("on")]
    assert parsed(card_html(item, EVIL, drawn)).text.count('alert("x")') >= 4


def test_a_card_says_title_year_genres_and_why() -> None:
    text = parsed(card_html(fakes.catalogue()[0], "Because of robots", Pictures())).text
    for part in ("Star Wars", "1977", "Action", "Sci-Fi", "Because of robots", "George Lucas"):
        assert part in text


def test_a_bare_item_has_a_card_too() -> None:
    tags = parsed(card_html(Item("7", "Nothing Known"), "why not", Pictures()))
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


def test_film_names_are_bold_links_and_text_is_inert() -> None:
    films = Catalogue("one", [Item("3&/4", "M*A*S*H", 1970)])
    assert markdown([Text("See "), Film(0, "M*A*S*H (1970)"), Text(" <now>")], films) == (
        "See **[M&#42;A&#42;S&#42;H &#40;1970&#41;](?film=3%26%2F4)** &#60;now&#62;"
    )


def test_posters_stand_in_for_drawn_covers_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"")
    films, pictures = fakes.catalogue(), Pictures(tmp_path)
    assert 'src="posters/1.jpg"' in pictures.of(films[0])
    assert 'alt="Poster of Star Wars"' in pictures.of(films[0])
    assert pictures.of(films[1]) == cover(films[1])
    for empty in (tmp_path / "none", tmp_path / "1.jpg"):
        with pytest.raises(IlmChatError, match="holds no posters"):
            Pictures(empty)


def test_every_film_leads_to_its_page() -> None:
    item = fakes.catalogue()[3]
    for html in (card_html(item, "", Pictures()), tile_html(item, Pictures())):
        assert f'href="{link(item.id)}"' in html
