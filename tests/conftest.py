"""What several tests share."""

import os

import pytest

import kg


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory):
    """A graph folder of the bundled sample, built once; not to be changed."""
    folder = tmp_path_factory.mktemp("sample") / "graph"
    kg.build(kg.sample_path(), out=folder)
    return folder


@pytest.fixture(scope="session")
def sample_graph(sample_folder):
    """The graph of the bundled sample."""
    return kg.open(sample_folder)


@pytest.fixture(autouse=True)
def no_colour(monkeypatch):
    """Output is compared as plain text."""
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
