"""The services in this process: each answers in its own format with invented papers, and with faults on demand."""

import json
import threading
from collections import deque
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

import kg.fetching.client


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one piece, which is several times as fast

    def do_GET(self):
        place = self.server.place
        parts = urlsplit(self.path)
        asked = SimpleNamespace(
            path=unquote(parts.path), raw=parts.path, parameters=dict(parse_qsl(parts.query)), headers=self.headers,
            at=place.clock.time,
        )  # fmt: skip
        place.requests.append(asked)
        if place.faults and (fault := place.faults.popleft()) is not None:
            fault(self, asked)
        else:
            self.answer(*place.answer(asked))

    def answer(self, status, body=b"", headers=None):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that has had enough is no error here."""


class Clock:
    """Time passes only by waiting, and a little with each look."""

    time, tick = 0.0, 0.0
    waits: list

    def now(self):
        Clock.time += Clock.tick
        return Clock.time

    def sleep(self, seconds):
        Clock.waits.append(round(seconds, 6))
        Clock.time += seconds


class Place:
    """All services, what was asked of them, and the faults that the next requests meet (None: no fault)."""

    def __init__(self, url, clock):
        self.url, self.clock = url, clock
        self.requests, self.faults = [], deque()
        self.papers = []
        self.ended = threading.Event()
        self.zotero_version = "7"

    def answer(self, asked):
        name = asked.path.split("/")[1]
        return ANSWERS[name](self, asked, asked.path.removeprefix(f"/{name}"))

    def waits(self):
        """The seconds waited between requests, without the first."""
        return [round(b.at - a.at, 3) for a, b in zip(self.requests, self.requests[1:], strict=False)]


def arxiv(place, asked, path):
    given = asked.parameters
    papers = place.papers
    if "id_list" in given:
        papers = [paper for paper in papers if paper["arxiv"] in given["id_list"].split(",")]
    start, size = int(given["start"]), int(given["max_results"])
    entries = "".join(
        f"""  <entry>
    <id>http://arxiv.org/abs/{p["arxiv"]}v2</id><updated>2024-02-02T00:00:00Z</updated>
    <published>{p["year"]}-01-09T17:00:01Z</published>
    <title>{escape(p["title"])}</title><summary>  {escape(p["abstract"])}\n</summary>
    {"".join(f"<author><name>{name}</name></author>" for name in p["authors"])}
    <arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">9 pages</arxiv:comment>
    <link href="http://arxiv.org/abs/{p["arxiv"]}v2" rel="alternate" type="text/html"/>
    <arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
  </entry>
"""
        for p in papers[start : start + size]
    )
    feed = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?search_query=x" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query</title><id>http://arxiv.org/api/x</id><updated>2024-02-02T00:00:00-05:00</updated>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{len(papers)}</opensearch:totalResults>
  <opensearch:startIndex xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{start}</opensearch:startIndex>
{entries}</feed>
"""
    return 200, feed, {"Content-Type": "application/atom+xml; charset=UTF-8"}


def as_json(value, **headers):
    return 200, json.dumps(value), {"Content-Type": "application/json; charset=utf-8", **headers}


def openalex(place, asked, path):
    size, cursor = int(asked.parameters["per_page"]), asked.parameters["cursor"]
    start = 0 if cursor == "*" else int(cursor.removeprefix("IlsxNj"))
    works = [
        {
            "id": f"https://openalex.org/W{p['number']}",
            "doi": f"https://doi.org/{p['doi']}",
            "title": p["title"],
            "display_name": p["title"],
            "publication_year": p["year"],
            "ids": {"openalex": f"https://openalex.org/W{p['number']}", "doi": f"https://doi.org/{p['doi']}"},
            "abstract_inverted_index": {word: [i for i, w in enumerate(p["abstract"].split()) if w == word]
                                        for word in p["abstract"].split()},
            "authorships": [{"author": {"id": "https://openalex.org/A1", "display_name": name}} for name in p["authors"]],
            "primary_location": {"landing_page_url": f"https://doi.org/{p['doi']}", "source": {"display_name": "Proc. X"}},
            "locations": [],
            "keywords": [{"id": "https://openalex.org/keywords/x", "display_name": "Retrieval", "score": 0.6}],
        }
        for p in place.papers[start : start + size]
    ]  # fmt: skip
    following = f"IlsxNj{start + len(works)}" if works else None
    return as_json({"meta": {"count": len(place.papers), "per_page": size, "next_cursor": following}, "results": works})


def semanticscholar(place, asked, path):
    size, start = 3, int(asked.parameters.get("token", "TOKEN0").removeprefix("TOKEN"))
    papers = [
        {
            "paperId": f"{p['number']:040x}",
            "externalIds": {"DOI": p["doi"], "CorpusId": p["number"], "ArXiv": p["arxiv"]},
            "url": f"https://www.semanticscholar.org/paper/{p['number']:040x}",
            "title": p["title"],
            "abstract": p["abstract"],
            "venue": "Proceedings of X",
            "year": p["year"],
            "publicationDate": f"{p['year']}-01-09",
            "journal": None,
            "authors": [{"authorId": "1", "name": name} for name in p["authors"]],
        }
        for p in place.papers[start : start + size]
    ]
    more = start + size < len(place.papers)
    return as_json({"total": len(place.papers), "token": f"TOKEN{start + size}" if more else None, "data": papers})


def anthology_xml(papers, collection="2024.acl"):
    rows = "".join(
        f"""<paper id="{p["number"]}"><title><fixed-case>R</fixed-case>{escape(p["title"][1:])}</title>
{"".join(f"<author><first>{n.split()[0]}</first><last>{n.split()[1]}</last></author>" for n in p["authors"])}
<abstract>{escape(p["abstract"])}</abstract><url hash="0a1b">{collection}-{p.get("volume", "long")}.{p["number"]}</url>
<bibkey>bee-2024</bibkey></paper>"""
        for p in papers
    )
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<collection id="{collection}"><volume id="long" ingest-date="2024-07-31"><meta><booktitle>Proceedings of X</booktitle>
<year>2024</year></meta><frontmatter><url>{collection}-long.0</url></frontmatter>{rows}</volume></collection>
"""


def acl(place, asked, path):
    import gzip

    if path == "/anthology+abstracts.bib.gz":
        entries = [
            f'@inproceedings{{bee-{p["number"]},\n  title = "{p["title"]}",\n  author = "Bee, Ada and\n  Cee, Bo",\n'
            f'  year = "{p["year"]}",\n  url = "https://aclanthology.org/2024.acl-long.{p["number"]}/",\n'
            f'  abstract = "{p["abstract"]}"\n}}\n'
            for p in place.papers
        ]
        return 200, gzip.compress("".join(entries).encode()), {"Content-Type": "application/gzip"}
    if path != "/2024.acl.xml":
        return 404, "404: Not Found", {"Content-Type": "text/plain; charset=utf-8"}
    return 200, anthology_xml(place.papers), {"Content-Type": "text/plain; charset=utf-8"}


def crossref(place, asked, path):
    def item(p):
        return {
            "DOI": p["doi"].upper(),
            "title": [p["title"]],
            "abstract": f"<jats:title>Abstract</jats:title><jats:p>{escape(p['abstract'])}</jats:p>",
            "author": [{"given": n.split()[0], "family": n.split()[1], "sequence": "first"} for n in p["authors"]],
            "issued": {"date-parts": [[p["year"], 1, 9]]},
            "container-title": ["Journal of X"],
            "URL": f"https://doi.org/{p['doi']}",
        }

    known = {p["doi"]: p for p in place.papers}
    if path.startswith("/works/"):
        doi = path.removeprefix("/works/")
        if doi not in known:
            return 404, "Resource not found.", {"Content-Type": "text/plain"}
        return as_json({"status": "ok", "message-type": "work", "message": item(known[doi])})
    asked_for = [part.removeprefix("doi:") for part in asked.parameters["filter"].split(",")]
    items = [item(known[doi]) for doi in reversed(asked_for) if doi in known]  # their order is not ours
    message = {"total-results": len(items), "items-per-page": 40, "items": items, "query": {"search-terms": None}}
    return as_json({"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message})


def zotero(place, asked, path):
    start, size = int(asked.parameters["start"]), int(asked.parameters["limit"])
    items = [
        {
            "key": f"ABCD{p['number']:04}",
            "version": 7,
            "library": {"type": "user", "id": 1234, "name": "x"},
            "meta": {"creatorSummary": "Bee"},
            "data": {
                "key": f"ABCD{p['number']:04}",
                "version": 7,
                "itemType": p.get("type", "conferencePaper"),
                "title": p["title"],
                "creators": [
                    {"creatorType": "editor", "firstName": "Ed", "lastName": "Itor"},
                    *(
                        {"creatorType": "author", "firstName": n.split()[0], "lastName": n.split()[1]}
                        for n in p["authors"]
                    ),
                ],
                "abstractNote": p["abstract"],
                "date": f"January {p['year']}",
                "proceedingsTitle": "Proceedings of X",
                "DOI": p["doi"],
                "url": "",
                "extra": f"arXiv: {p['arxiv']}",
                "tags": [{"tag": "retrieval", "type": 1}],
                "dateAdded": f"2024-03-{p['number']:02}T10:00:00Z",
            },
        }
        for p in place.papers[start : start + size]
    ]
    headers = {"Total-Results": str(len(place.papers)), "Last-Modified-Version": place.zotero_version}
    status, body, more = as_json(items)
    return status, body, more | headers


ANSWERS = {f.__name__: f for f in (arxiv, openalex, semanticscholar, acl, crossref, zotero)}


class Faults:
    """What goes wrong with an answer: functions of the handler and the request."""

    @staticmethod
    def status(code, body="", **headers):
        return lambda handler, asked: handler.answer(
            code, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    @staticmethod
    def changed(change):
        """The right answer, its body changed."""

        def fault(handler, asked):
            status, body, headers = handler.server.place.answer(asked)
            handler.answer(status, change(body), headers)

        return fault

    @staticmethod
    def cut(handler, asked):
        """Half of the body, of the length of all."""
        status, body, headers = handler.server.place.answer(asked)
        body = body.encode() if isinstance(body, str) else body
        handler.answer(status, body[: len(body) // 2], headers | {"Content-Length": str(len(body))})
        handler.close_connection = True

    @staticmethod
    def cut_unnoticed(handler, asked):
        """Half of the body, where no length is given."""
        status, body, headers = handler.server.place.answer(asked)
        handler.answer(status, body[: len(body) // 2], headers | {"Content-Length": None, "Connection": "close"})
        handler.close_connection = True

    @staticmethod
    def drop(handler, asked):
        handler.close_connection = True

    @staticmethod
    def silent(handler, asked):
        """Nothing comes after the headers."""
        handler.send_response(200)
        handler.send_header("Content-Length", "9")
        handler.end_headers()
        handler.wfile.flush()
        handler.server.place.ended.wait()
        handler.close_connection = True

    @staticmethod
    def endless(handler, asked):
        """Zeros without end."""
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        try:
            while not handler.server.place.ended.is_set():
                handler.wfile.write(bytes(1 << 16))
        except OSError:
            pass

    @staticmethod
    def to(location, code=302):
        return lambda handler, asked: handler.answer(code, "", {"Location": location})


@pytest.fixture
def faults():
    return Faults


@pytest.fixture
def services(monkeypatch):
    """All services on one port of this machine, with three papers; time does not pass by itself."""
    Clock.time, Clock.tick, Clock.waits = 0.0, 0.0, []
    monkeypatch.setattr(kg.fetching.client, "Clock", Clock)
    monkeypatch.setattr(kg.fetching.client, "_next", {})
    server = Server(("127.0.0.1", 0), Handler)
    server.place = place = Place(f"http://127.0.0.1:{server.server_address[1]}", Clock)
    place.papers = [invented(number) for number in (1, 2, 3)]
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("KG_CONTACT", raising=False)
    for name in ANSWERS:
        monkeypatch.setenv(f"KG_{name.upper()}_URL", f"{place.url}/{name}")
        monkeypatch.delenv(f"KG_{name.upper()}_KEY", raising=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield place
    place.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


def invented(number):
    """A paper that nobody has written."""
    return {
        "number": number,
        "title": f"Retrieval of the {number}th kind",
        "abstract": f"We train {number} encoders on SQuAD & find that p < 0.05 in all of them.",
        "authors": ["Ada Bee", "Bo Cee"],
        "year": 2020 + number % 5,
        "doi": f"10.1000/x.{number}",
        "arxiv": f"2401.{number:05}",
    }


@pytest.fixture
def paper():
    return invented
