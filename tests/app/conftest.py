import pytest

from app.engine import Engine
from app.session import Session
from tests.app import fakes


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(fakes.parts())


@pytest.fixture
def session() -> Session:
    return Session()
