"""The SPARQL 1.1 Graph Store HTTP Protocol (W3C 2013), with retries, and authentication from the environment.

============== =======================================================================================
variable       meaning
============== =======================================================================================
KG_PUSH_TOKEN  sent as a bearer token
KG_PUSH_USER   with KG_PUSH_PASSWORD: sent as the store asks for it, Digest or Basic (RFC 7616, 7617)
============== =======================================================================================

The trust in certificates and the use of proxies follow the variables of requests (``REQUESTS_CA_BUNDLE``,
``HTTPS_PROXY``). Nothing is sent on to another address: a redirection is an error.
"""

from __future__ import annotations

import os
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from urllib3.util import Retry

from schemas.errors import InputError, PushError

__all__ = ["GraphStore"]

RETRIED = (408, 425, 429, 500, 502, 503, 504)
TIMEOUT = (10.0, 300.0)  # seconds to connect, and between two bytes of the answer
LONGEST = 200  # characters of a store's own words that are shown


class GraphStore:
    """A triple store that is reached by HTTP.

    Parameters
    ----------
    url
        The address of the protocol; graphs are named by its parameter ``graph``.
    retries
        How often a request is tried again: after a broken connection, and after the answers in ``RETRIED``.
    backoff
        Seconds before the second retry, doubled with each; a store's ``Retry-After`` takes its place.

    Raises
    ------
    InputError
        ``url`` is no address of the web, or holds a password.
    """

    def __init__(self, url: str, *, retries: int = 6, backoff: float = 0.5) -> None:
        self.url = _checked(url)
        self._session = requests.Session()
        # Each request can be repeated: PUT and DELETE by definition, POST because there are no blank nodes.
        policy = Retry(
            total=retries,
            backoff_factor=backoff,
            backoff_max=30,
            status_forcelist=RETRIED,
            allowed_methods=None,
            raise_on_status=False,
            redirect=0,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=policy))
        self._auth = _auth()

    def has(self, graph: str) -> bool:
        """Tell whether the store has a graph of that name with anything in it; only its beginning is read."""
        headers = {"Accept": "application/n-triples"}
        with self._send("GET", {"graph": graph}, fine=(404,), headers=headers, stream=True) as answer:
            return answer.status_code != 404 and any(piece.strip() for piece in answer.iter_content(1 << 16))

    def put(self, graph: str, content: bytes | IO[bytes]) -> None:
        """Replace a graph by N-Triples."""
        self._send("PUT", {"graph": graph}, data=content, headers={"Content-Type": "application/n-triples"})

    def post_quads(self, content: bytes) -> None:
        """Add N-Quads."""
        self._send("POST", {}, data=content, headers={"Content-Type": "application/n-quads"})

    def delete(self, graph: str) -> None:
        """Remove a graph, if it is there."""
        self._send("DELETE", {"graph": graph}, fine=(404,))

    def _send(self, method: str, parameters: dict[str, str], *, fine: tuple[int, ...] = (), **body: Any) -> Any:
        where = parameters.get("graph", "N-Quads")
        try:
            answer = self._session.request(
                method,
                self.url,
                params=parameters,
                auth=self._auth,
                timeout=TIMEOUT,
                allow_redirects=False,
                **body,
            )
        except requests.RequestException as error:
            raise PushError(
                f"{self.url}: {method} {where}: {_reason(error)}; run it again to go on from here"
            ) from error
        if answer.status_code in fine or answer.status_code < 300:
            return answer
        hint = {401: "; set KG_PUSH_USER and KG_PUSH_PASSWORD, or KG_PUSH_TOKEN", 404: "; is this the right address?"}
        said = " ".join(answer.text.split())[:LONGEST]
        if 300 <= answer.status_code < 400:
            said = f"it points to {answer.headers.get('Location', 'elsewhere')[:LONGEST]}: give that address"
        raise PushError(
            f"{self.url}: {method} {where}: refused with {answer.status_code} {answer.reason}"
            + (f": {said}" if said else "")
            + hint.get(answer.status_code, "")
        )


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise InputError(f"{url!r} is no address of a store; give one such as http://localhost:7878/store")
    if parts.username is not None or parts.password is not None:
        raise InputError("a password in an address is seen by others; set KG_PUSH_USER and KG_PUSH_PASSWORD instead")
    return url


def _reason(error: requests.RequestException) -> str:
    """Return the cause in one line: what urllib3 says of the last try, without its objects."""
    cause = error.args[0] if error.args else error
    words = " ".join(str(getattr(cause, "reason", None) or cause).split())
    return words.rpartition("): ")[2][:LONGEST] or type(error).__name__


def _auth() -> AuthBase | None:
    if token := os.environ.get("KG_PUSH_TOKEN"):
        return _Bearer(token)
    if (user := os.environ.get("KG_PUSH_USER")) is not None:
        return _AsAsked(user, os.environ.get("KG_PUSH_PASSWORD", ""))
    return _None()


class _None(AuthBase):
    """Nothing, not even what a .netrc file would give."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Bearer(AuthBase):
    """A token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class _AsAsked(HTTPDigestAuth):
    """Digest where the store asks for it, else Basic: the password goes out in the clear only when it must."""

    basic = False

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.basic:
            return _basic(request, self.username, self.password)
        signed: requests.PreparedRequest = super().__call__(request)  # type: ignore[no-untyped-call]
        return signed

    def handle_401(self, r: requests.Response, **kwargs: Any) -> requests.Response:
        """Answer a store that asks for Basic alone; Digest is the parent's."""
        asked = r.headers.get("WWW-Authenticate", "").lower()
        if self.basic or r.status_code != 401 or "basic" not in asked or "digest" in asked:
            answer: requests.Response = super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call]
            return answer
        self.basic = True
        _ = r.content  # the connection is free again when all has been read
        r.close()
        request = _basic(r.request.copy(), self.username, self.password)
        if (rewind := getattr(request.body, "seek", None)) is not None:
            rewind(0)
        again: requests.Response = r.connection.send(request, **kwargs)
        again.history.append(r)
        again.request = request
        return again


def _basic(request: requests.PreparedRequest, user: str | bytes, password: str | bytes) -> requests.PreparedRequest:
    signed: requests.PreparedRequest = HTTPBasicAuth(user, password)(request)
    return signed
