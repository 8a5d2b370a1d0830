"""Answers in which anything stands anywhere: papers, rejections or an error of our own, and nothing else."""

import json
from contextlib import suppress
from importlib import import_module
from itertools import islice
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.fetching.client import Answer, Unusable
from kg.fetching.page import Ask
from schemas.errors import FetchError
from schemas.records import Paper, Rejection

JSON = {
    "openalex": ("x", {"per_page": "3", "cursor": "*"}),
    "semanticscholar": ("x", {}),
    "crossref": ("10.1000/x.1 10.1000/x.2", {"filter": "doi:10.1000/x.1,doi:10.1000/x.2"}),
    "zotero": ("users/1", {"start": "0", "limit": "100"}),
}
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("10.1000/x"))
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=3), v, max_size=3))


class Client:
    """Gives one answer to all questions."""

    url = "http://127.0.0.1/x"

    def __init__(self, body, headers):
        self.answer = Answer(200, headers, body)

    def get(self, *arguments, read, **options):
        try:
            return read(self.answer)
        except Unusable as error:
            raise FetchError(str(error)) from error


def items(service, query, body, headers=()):
    ask = Ask(terms=(query,), limit=3)
    pages = import_module(f"kg.fetching.{service}").read_pages(Client(body, dict(headers)), ask, None)
    with suppress(FetchError):
        for page in islice(pages, 3):
            json.dumps(page.cursor)
            assert page.total is None or isinstance(page.total, int)
            yield from page.items


def nodes(value):
    """Yield every container and key below a value."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from nodes(value[key])


@pytest.mark.parametrize("service", JSON)
@given(data=st.data())
def test_anything_instead_of_an_answer(service, data):
    body = json.dumps(data.draw(VALUES)).encode()
    assert all(isinstance(item, Paper | Rejection) for item in items(service, JSON[service][0], body))


@pytest.mark.parametrize("service", JSON)
def test_anything_within_an_answer(answer_of, service):
    query, parameters = JSON[service]
    body, headers = answer_of(service, parameters)
    assert len(list(items(service, query, body, headers.items()))) >= 2

    @given(data=st.data())
    def check(data):
        value = json.loads(body)
        holder, key = data.draw(st.sampled_from([*nodes(value)]))
        holder[key] = data.draw(VALUES)
        found = items(service, query, json.dumps(value).encode(), headers.items())
        assert all(isinstance(item, Paper | Rejection) for item in found)

    check()


@pytest.mark.parametrize(("service", "query"), [("arxiv", "x"), ("acl", "2024.acl")])
def test_bytes_changed_and_lost_in_xml(answer_of, service, query):
    body, headers = answer_of(service, {"start": "0", "max_results": "3"})
    assert len(list(items(service, query, body, headers.items()))) == 3

    @given(st.integers(0, len(body)), st.integers(0, 40), st.binary(max_size=9))
    def check(place, lost, put):
        changed = body[:place] + put + body[place + lost :]
        found = items(service, query, changed, headers.items())
        assert all(isinstance(item, Paper | Rejection) for item in found)

    check()


@pytest.fixture
def answer_of(services):
    def run(service, parameters):
        path = {"acl": "/acl/2024.acl.xml", "crossref": "/crossref/works"}.get(service, f"/{service}")
        _, body, headers = services.answer(SimpleNamespace(path=path, raw=path, parameters=parameters, headers={}))
        return body.encode() if isinstance(body, str) else body, headers

    return run
