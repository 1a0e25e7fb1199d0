"""Ask the running chat one question over its API and check that it names catalogue films."""

import sys
import time
from pathlib import Path

from gradio_client import Client

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from data.movielens import shipped_catalogue  # noqa: E402

SECONDS = 180
QUESTION = "I loved The Empire Strikes Back and Alien, something in space but not horror"


def connect(port: str) -> Client:
    end = time.monotonic() + SECONDS
    while True:
        try:
            return Client(f"http://127.0.0.1:{port}", verbose=False)
        except Exception:  # whatever a server that is not up yet makes of it
            if time.monotonic() > end:
                raise
            time.sleep(1)


def main(port: str) -> None:
    answer = connect(port).predict(message=QUESTION, session={}, api_name="/chat")
    catalogue = shipped_catalogue()
    titles = {item.title for item in catalogue}
    named = [item["title"] for item in answer["items"]]
    sys.stdout.write(f"{answer['text']}\n{named}\n")
    assert named, "the answer names no film"
    assert set(named) <= titles, f"not in the catalogue: {set(named) - titles}"
    assert all(title in answer["text"] for title in named), "a card that the text does not name"
    assert not any("Horror" in item["genres"] for item in answer["items"]), "a horror film"
    assert not {"Alien", "The Empire Strikes Back"} & set(named), "a film the viewer named"


main(sys.argv[1])
