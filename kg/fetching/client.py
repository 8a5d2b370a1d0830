"""HTTP as a polite guest: one request at a time, at the service's pace, patient with its faults, and bounded.

Requests, which ``kg push`` uses too, does all services, so that nothing more is to be installed. The services' own
clients were read (``arxiv`` 4.0, ``pyalex`` 0.21, ``habanero`` 2.9, ``pyzotero`` 1.16; all are kept): none bounds an
answer, ``arxiv`` and ``pyalex`` set no timeout, ``arxiv`` and ``habanero`` pass ``Retry-After`` over, ``pyzotero``
needs a bibtexparser before 2.0, and each gives records of its own, while :mod:`kg.readers` reads answers as they come.

======================= ==============================================================================================
variable                meaning
======================= ==============================================================================================
KG_CONTACT              an e-mail address; sent in the user agent, so that a service can write before it shuts one out
KG_OPENALEX_KEY         a key, and so on for each service that has them; sent in a header, to that service alone
KG_ARXIV_URL            another address of a service, and so on for each: a mirror, a proxy
======================= ==============================================================================================

The trust in certificates and the use of proxies follow the variables of requests (``REQUESTS_CA_BUNDLE``,
``HTTPS_PROXY``). Messages show addresses without their parameters, and no key is written anywhere. Two processes that
ask one service do not know of each other: the rates hold within one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Final, TypeVar
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from kg.fetching.words import is_unreached, reason_of, retry_after, words_of
from schemas.errors import FetchError, InputError

__all__ = ["Answer", "Client", "Clock", "Refused", "Unusable"]

RETRIED: Final = (408, 425, 429, 500, 502, 503, 504)
RETRIES: Final = 5  # after waits of 1, 2, 4, 8 and 16 seconds, where the service names none
LONGEST_WAIT: Final = 300.0  # seconds that a service may ask to wait; with more, the user may come again later
TIMEOUT: Final = (10.0, 60.0)  # seconds to connect, and between two bytes of an answer
LONGEST_ANSWER: Final = 180.0  # seconds for one answer in all
MAX_ANSWER: Final = 1 << 26  # bytes, unpacked; 1,000 papers of 4,000 characters in JSON are some 5 million
TOLD: Final = 10.0  # seconds; of longer waits the user is told
REDIRECTS: Final = 5
CHUNK: Final = 1 << 16  # bytes

T = TypeVar("T")
log = logging.getLogger("kg")
_next: dict[str, float] = {}  # when each service may be asked again, by address: it does not care which client asks


class Clock:
    """Seconds that pass; tests put one of their own in its place."""

    def now(self) -> float:
        """Return the seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Unusable(Exception):
    """An answer that is worth asking for again; ``wait`` is what the service asks for, in seconds."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Refused(FetchError):
    """The service understood, and does not want to."""


class _Unreachable(Unusable):
    """No connection at all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that came whole."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes  # empty where it went into a file


class Client:
    """One service, asked politely.

    Parameters
    ----------
    name
        The service's, for messages.
    url
        Its address, without a slash at the end.
    agent
        The user agent.
    interval
        Least number of seconds between the beginnings of two requests.
    headers
        Sent to this service, and not to others that it redirects to: they may hold keys.
    busy
        Status codes, beside the usual ones, with which this service asks to come again later.
    hint
        What to do when the service wants to know who asks (401, 403).
    hint_unreached
        What to do when it cannot be reached.
    clock
        Where time comes from.

    Raises
    ------
    InputError
        ``url`` is no address of the web, or holds a password.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        agent: str,
        interval: float,
        headers: Mapping[str, str] | None = None,
        busy: tuple[int, ...] = (),
        hint: str = "",
        hint_unreached: str = "",
        timeout: tuple[float, float] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name, self.url, self._hint, self._hint_unreached = name, _checked(url, name), hint, hint_unreached
        self._agent = agent
        self._interval, self._busy, self._timeout = interval, (*RETRIED, *busy), timeout or TIMEOUT
        self._clock = clock or Clock()
        self._begun = self._clock.now()  # when the last request began
        self._reached = False
        self._private = dict(headers or {})
        self._session = _Session(tuple(self._private))
        self._session.headers.update({"User-Agent": agent, "Accept-Encoding": "gzip", **self._private})

    def at(self, url: str, *, hint: str = "", hint_unreached: str = "") -> Client:
        """Return a client of the same service at another address, to which nothing private is sent."""
        return Client(
            self.name,
            url,
            agent=self._agent,
            interval=self._interval,
            hint=hint,
            hint_unreached=hint_unreached,
            timeout=self._timeout,
            clock=self._clock,
        )

    def get(
        self,
        path: str = "",
        parameters: Mapping[str, str] | None = None,
        *,
        read: Callable[[Answer], T],
        kinds: tuple[str, ...] = (),
        fine: tuple[int, ...] = (),
        into: IO[bytes] | None = None,
        limit: int = MAX_ANSWER,
    ) -> T:
        """Return what ``read`` makes of the answer, asking again while there is hope.

        Parameters
        ----------
        path
            Added to the address of the service.
        parameters
            Of the query.
        read
            Called with the answer; by raising :class:`Unusable` it has the service asked again.
        kinds
            Words of which one is in the content type, such as "json"; none for any but a page of HTML.
        fine
            Status codes that are answers too, such as 404.
        into
            A file for the body.
        limit
            Bytes of a body.

        Raises
        ------
        FetchError
            The service cannot be reached, refuses, or goes on failing.
        """
        for attempt in range(RETRIES + 1):
            self._clock.sleep(max(0.0, _next.get(self.url, 0.0) - self._clock.now()))
            self._begun = self._clock.now()
            _next[self.url] = self._begun + self._interval
            try:
                return read(self._ask(self.url + path, parameters, kinds, fine, into, limit))
            except Unusable as error:
                problem = error
            if isinstance(problem, _Unreachable) and not self._reached and attempt:
                raise FetchError(self._said(f"cannot be reached: {problem}", hint=self._hint_unreached))
            wait = 2.0**attempt if problem.wait is None else problem.wait
            if wait > LONGEST_WAIT:
                raise FetchError(
                    self._said(f"{problem}, and asks to wait {wait:,.0f} seconds: go on then with the same call")
                )
            if wait >= TOLD:
                log.info("%s; asking again in %.0f seconds", self._said(str(problem)), wait)
            self._not_before(self._clock.now() + wait)
        raise FetchError(self._said(f"{problem}, {RETRIES + 1} times: the same call goes on from here later"))

    def _ask(
        self,
        url: str,
        parameters: Mapping[str, str] | None,
        kinds: tuple[str, ...],
        fine: tuple[int, ...],
        into: IO[bytes] | None,
        limit: int,
    ) -> Answer:
        try:
            with self._session.get(url, params=parameters, stream=True, timeout=self._timeout) as response:
                is_fine = response.status_code < 300 or response.status_code in fine
                body = self._body(response, into, limit) if is_fine else response.raw.read1(CHUNK, decode_content=True)
        except requests.TooManyRedirects:
            raise FetchError(self._said(f"redirects more than {REDIRECTS} times: is this the right address?")) from None
        except (requests.RequestException, HTTPError, OSError) as error:
            if isinstance(error, ValueError):
                raise FetchError(self._said(f"points to an address that is none: {reason_of(error)}")) from None
            raise (_Unreachable if is_unreached(error) else Unusable)(reason_of(error)) from None
        self._reached = True
        self._heed(response.headers)
        answer = Answer(response.status_code, response.headers, body)
        if not is_fine:
            self._refused(answer, response.reason or "")
        kind = response.headers.get("Content-Type", "").lower()
        if answer.status < 300 and (("html" in kind) or (kind and kinds and not any(word in kind for word in kinds))):
            wanted = f"where {' or '.join(kinds)} is expected" if kinds else "where data is expected"
            raise Unusable(f"answers with {kind.partition(';')[0]!r} {wanted}: is a login page or a proxy between?")
        return answer

    def _body(self, response: requests.Response, into: IO[bytes] | None, limit: int) -> bytes:
        """Read the body as it comes; ``into`` is begun anew."""
        until = self._clock.now() + max(LONGEST_ANSWER, limit / 1e6)  # a megabyte a second will do
        if into is not None:
            into.seek(0)
            into.truncate()
        size, pieces = 0, list[bytes]()
        while piece := response.raw.read1(CHUNK, decode_content=into is None):
            size += len(piece)
            if size > limit:
                raise FetchError(self._said(f"sends more than {limit:,} bytes in one answer: it is not read"))
            if self._clock.now() > until:
                raise Unusable(f"the answer takes too long ({size:,} bytes have come)")
            if into is None:
                pieces.append(piece)
            else:
                into.write(piece)
        return b"".join(pieces)

    def _not_before(self, moment: float) -> None:
        _next[self.url] = max(_next.get(self.url, 0.0), moment)

    def _heed(self, headers: Mapping[str, str]) -> None:
        """Go slower where the service says so: Zotero's ``Backoff``, Crossref's ``X-Rate-Limit-…``."""
        backoff, allowed = headers.get("Backoff", ""), headers.get("X-Rate-Limit-Limit", "")
        if backoff.isdecimal():
            self._not_before(self._clock.now() + min(float(backoff), LONGEST_WAIT))
        per = headers.get("X-Rate-Limit-Interval", "").strip().removesuffix("s")
        if allowed.isdecimal() and per.isdecimal() and int(allowed):
            self._interval = max(self._interval, min(int(per) / int(allowed), LONGEST_WAIT))
            self._not_before(self._begun + self._interval)

    def _refused(self, answer: Answer, reason: str) -> None:
        said = words_of(answer.body)
        problem = f"answers {answer.status} {reason}".rstrip() + (f": {said}" if said else "")
        if answer.status in self._busy:
            raise Unusable(problem, wait=retry_after(answer.headers.get("Retry-After")))
        raise Refused(self._said(problem, hint=self._hint if answer.status in (401, 403) else ""))

    def _said(self, problem: str, *, hint: str = "") -> str:
        """Return a message in one line, in which no key stands."""
        text = " ".join(f"{self.name} ({self.url}): {problem}".split())
        for value in self._private.values():
            for secret in value.split():
                if len(secret) > 7:
                    text = text.replace(secret, "***")
        return f"{text}; {hint}" if hint else text


def _checked(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise InputError(f"KG_{name.upper()}_URL is no address of a service; give one such as https://example.org/api")
    if parts.username is not None or parts.password is not None:
        raise InputError(f"KG_{name.upper()}_URL holds a password, which others would see")
    return url.rstrip("/")


class _Session(requests.Session):
    """A session that takes nothing from a .netrc file, and keeps what is private from other hosts."""

    def __init__(self, private: tuple[str, ...]) -> None:
        super().__init__()
        self.max_redirects = REDIRECTS
        self.auth = _None()
        self._private = private

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Leave out what is private where a redirection leads to another host."""
        old, new = response.request.url, prepared_request.url
        if self.should_strip_auth(old, new):  # type: ignore[no-untyped-call]
            for name in self._private:
                prepared_request.headers.pop(name, None)


class _None(AuthBase):
    """Nothing."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r
