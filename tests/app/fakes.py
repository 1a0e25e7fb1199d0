"""A small catalogue with known right answers, and stand-ins for the trained parts."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.parts import Parts, Vector
from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.interactions import Interactions
from prompts.templates import Placeholder, Segment

# id | title | year | genres | director | tags | moods | synopsis; MovieLens writes "Title, The".
FILMS = """
1|Star Wars|1977|Action,Adventure,Sci-Fi|George Lucas|space opera,robots,rebellion|adventurous,fun|A farm boy joins a rebellion among the stars.
2|The Empire Strikes Back|1980|Action,Adventure,Sci-Fi|Irvin Kershner|space opera,robots,sequel|epic,dark|The rebels scatter and a pupil finds his teacher in a swamp.
3|Return of the Jedi|1983|Action,Adventure,Sci-Fi|Richard Marquand|space opera,robots,forest battle|rousing,fun|The rebels strike at a second station of the empire.
4|Alien|1979|Action,Horror,Sci-Fi|Ridley Scott|space,monster,ship crew|tense,dark|A freighter's crew takes something deadly aboard in space.
5|Aliens|1986|Action,Sci-Fi,War|James Cameron|space,monster,marines|tense,explosive|Marines land on a colony in space that has lost contact; nobody hears a scream.
6|Blade Runner|1982|Film-Noir,Sci-Fi|Ridley Scott|androids,future city,rain|moody,slow|A weary policeman hunts androids through a wet city.
7|2001: A Space Odyssey|1968|Sci-Fi|Stanley Kubrick|space,computer,monolith|cold,slow|Astronauts fly to Jupiter in space with a computer that knows too much.
8|Apollo 13|1995|Drama|Ron Howard|space,true story,rescue|tense,rousing|An accident in space leaves three astronauts far from home.
9|The Shining|1980|Horror|Stanley Kubrick|hotel,ghosts,madness|creepy,slow|A caretaker and his family winter in an empty hotel.
10|Scream|1996|Horror,Thriller|Wes Craven|slasher,school,telephone|scary,witty|A masked killer telephones before he strikes, and aliens have nothing to do with it.
11|Psycho|1960|Horror,Thriller|Alfred Hitchcock|motel,murder,mother|tense,dark|A woman on the run stops at the wrong motel.
12|Heat|1995|Action,Crime,Thriller|Michael Mann|heist,police,los angeles|cool,tense|A thief and a detective circle each other.
13|Seven|1995|Crime,Thriller|David Fincher|serial killer,rain,police|grim,dark|Two policemen follow a murderer who preaches.
14|Fargo|1996|Crime,Drama,Thriller|Joel Coen|snow,kidnapping,police|wry,dark|A kidnapping goes wrong in the snow.
15|Pulp Fiction|1994|Crime,Drama|Quentin Tarantino|hit men,boxer,diner|cool,witty|Crooks, a boxer and a diner robbery, told out of order.
16|The Godfather|1972|Action,Crime,Drama|Francis Ford Coppola|mafia,family,power|epic,grave|A quiet son takes over his father's business.
17|Casablanca|1942|Drama,Romance,War|Michael Curtiz|exile,lost love,nightclub|romantic,bittersweet|A bar owner meets his old love in the heat of wartime.
18|Annie Hall|1977|Comedy,Romance|Woody Allen|new york city,break-up,neurotic|witty,bittersweet|A comedian with seven neuroses looks back on a love affair.
19|Groundhog Day|1993|Comedy,Romance|Harold Ramis|time loop,small town,weatherman|funny,warm|A weatherman lives one day again and again.
20|When Harry Met Sally|1989|Comedy,Romance|Rob Reiner|new york city,friendship,talk|witty,warm|Two friends take years to find out that they are in love.
21|Some Like It Hot|1959|Comedy,Crime|Billy Wilder|disguise,jazz band,mobsters|zany,fun|Two musicians hide in a women's band.
22|The Sound of Music|1965|Musical|Robert Wise|nuns,singing children,alps|wholesome,sunny|A governess teaches seven children to sing.
23|Grease|1978|Comedy,Musical,Romance|Randal Kleiser|high school,cars,songs|fun,sunny|A good girl and a greaser meet again at school.
24|Toy Story|1995|Animation,Children's,Comedy|John Lasseter|living toys,friendship,computer animation|playful,warm|Toys live when nobody looks.
25|The Lion King|1994|Animation,Children's,Musical|Roger Allers|lions,father and son,songs|rousing,warm|A cub flees his home and comes back a king.
26|Unforgiven|1992|Western|Clint Eastwood|revenge,ageing gunman,bounty|grim,slow|An old gunman takes one last job.
27|Lost in Space|1998|Action,Sci-Fi|Stephen Hopkins|space,family,robots|loud,fun|A family is lost on a flight through space.
28|Contact|1997|Drama,Sci-Fi|Robert Zemeckis|space,first contact,faith|thoughtful,moving|A scientist hears a message from space.
29|Stargate|1994|Action,Adventure,Sci-Fi|Roland Emmerich|space,desert planet,gods|adventurous,fun|A ring of stone leads through space to another world.
30|The Game|1997|Mystery,Thriller|David Fincher|conspiracy,banker,twist|tense,cold|A banker is given a game that eats his life.
31|Chasing Amy|1997|Drama,Romance|Kevin Smith|comics,love triangle,talk|frank,funny|A comics artist falls for a woman who loves women.
32|Chasing Amy|1997|Drama,Romance|Kevin Smith|comics,love triangle,talk|frank,funny|A comics artist falls for a woman who loves women.
33|Hoop Dreams|1994|Documentary|Steve James|basketball,chicago,dreams|moving,long|Two boys bound for college hope that the game is their way out.
34|Bound|1996|Crime,Drama,Romance|Lana Wachowski|heist,lovers,mafia money|tense,steamy|Two women rob the mob.
35|M*A*S*H|1970|Comedy,War|Robert Altman|army surgeons,satire,korea|irreverent,dark|Surgeons joke behind the front.
36|E.T. the Extra-Terrestrial|1982|Children's,Drama,Fantasy,Sci-Fi|Steven Spielberg|alien friend,suburb,bicycles|warm,moving|A boy hides a visitor from space.
""".strip()  # noqa: E501


def catalogue() -> Catalogue:
    """36 films in the order above, so that dense index = id - 1."""
    items = []
    for line in FILMS.splitlines():
        id, title, year, genres, director, tags, moods, synopsis = line.split("|")
        items.append(
            Item(
                id=id,
                title=title,
                year=int(year),
                genres=tuple(genres.split(",")),
                directors=(director,),
                synopsis=synopsis,
                tags=tuple(tags.split(",")),
                moods=tuple(moods.split(",")),
            )
        )
    return Catalogue("fake", items)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9-]{3,}", text.lower()))


class FakeEncoder:
    """Bags of hashed words of unit length: texts that share words are alike."""

    width = 512

    def encode(self, texts: Sequence[str]) -> Vector:
        vectors = np.full((len(texts), self.width), 1e-6, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in words_of(text):
                vectors[row, zlib.crc32(word.encode()) % self.width] += 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


class FakeFactors:
    """Item vectors from genres: a user is the mean of what they chose."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.items = np.array(
            [[genre in item.genres for genre in catalogue.genres] for item in catalogue],
            dtype=np.float32,
        )
        self.known = np.ones(len(catalogue), dtype=np.bool_)

    def fold_in_recent(
        self, items: Sequence[int] | NDArray[np.integer], *, decay: float = 5.0
    ) -> Vector:
        rows = self.items[list(items)]
        return rows.mean(axis=0) if len(rows) else np.zeros(self.items.shape[1], dtype=np.float32)

    def scores(self, users: Vector) -> Vector:
        return np.asarray(users @ self.items.T, dtype=np.float32)

    def contributions(
        self,
        history: Sequence[int] | NDArray[np.integer],
        target: int,
        *,
        weights: ArrayLike | None = None,
    ) -> Vector:
        return np.asarray(self.items[list(history)] @ self.items[target] / len(history))


class FakeModel:
    """Ranks by the factors and says one fixed thing.

    Asked for new items alone, it says nonsense of those that a history holds, as the real one may.
    """

    def __init__(self, factors: FakeFactors) -> None:
        self._factors = factors
        self.text = "A story about people far from home. They find out what matters to them."

    def rank(self, histories: Sequence[Sequence[int]], *, new_only: bool = False) -> Vector:
        users = np.stack([self._factors.fold_in_recent(history) for history in histories])
        scores = self._factors.scores(users)
        if new_only:
            for row, history in enumerate(histories):
                scores[row, list(history)] = 1e6
        return scores

    def generate(
        self,
        segments: list[Segment],
        *,
        max_new_tokens: int = 96,
        stop: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        assert any(isinstance(segment, Placeholder) for segment in segments)
        yield from (f"{word} " for word in self.text.split())


def parts() -> Parts:
    films = catalogue()
    encoder, factors = FakeEncoder(), FakeFactors(films)
    texts = encoder.encode([films.text(index, "catalogue") for index in range(len(films))])
    popularity = np.linspace(200, 20, len(films), dtype=np.float32)
    return Parts(films, popularity, factors, FakeModel(factors), encoder, texts)


def dataset() -> Dataset:
    """Viewer "one" chose films 1..20 in this order and rated the even ones 5, the others 2; viewer
    "two" chose 21..25 and rated all of them 1."""
    films = catalogue()
    rows = [("one", id, 5 if id % 2 == 0 else 2) for id in range(1, 21)]
    rows += [("two", id, 1) for id in range(21, 26)]
    users, ids, ratings = zip(*rows, strict=True)
    items = [str(id) for id in ids]
    chosen = Interactions.from_columns(users, items, range(len(rows)), ratings, films)
    return Dataset(films.name, films, chosen)
