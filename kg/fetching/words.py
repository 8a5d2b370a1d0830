"""What a service says when it does not answer: its own words, how long to wait, and what broke on the way."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from urllib3.exceptions import ConnectTimeoutError, InvalidHeader, NewConnectionError, ProxyError, SSLError
from urllib3.util import Retry

__all__ = ["is_unreached", "reason_of", "retry_after", "words_of"]

SHOWN: Final = 300  # characters of a service's own words


def words_of(body: bytes) -> str:
    """Return what a service says of an error: in JSON of several forms, in Atom, as plain text; "" for a web page.

    >>> words_of(b'{"status": "failed", "message": [{"type": "x", "message": "no such filter"}]}')
    'no such filter'
    >>> words_of(b'{"error": "Invalid query", "message": "x is not a valid field"}')
    'Invalid query: x is not a valid field'
    """
    text = body.decode("utf-8", "replace")
    before, end, _ = text.partition("</summary>")
    if end and (found := re.search(r"<summary[^<>]*>", before)):
        text = html.unescape(before[found.end() :])
    elif text.lstrip().startswith("<"):
        return ""
    else:
        with suppress(ValueError, RecursionError):
            text = ": ".join(dict.fromkeys(_messages(json.loads(text)))) or text
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:SHOWN]


def _messages(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for part in value for text in _messages(part)]
    if isinstance(value, Mapping):
        return [text for name in ("error", "message", "detail") if name in value for text in _messages(value[name])]
    return []


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a header asks for, given as such or as a date (RFC 9110, 10.2.3); None for neither.

    >>> retry_after("120"), retry_after("Fri, 31 Dec 1999 23:59:59 GMT"), retry_after("soon")
    (120.0, 0.0, None)
    """
    try:
        return None if value is None else float(Retry().parse_retry_after(value))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def is_unreached(error: Exception) -> bool:
    """Whether not even a connection came about: no network, no such host, nobody there, a certificate that is wrong."""
    cause: Any = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), (NewConnectionError, ConnectTimeoutError, ProxyError, SSLError))


def reason_of(error: Exception) -> str:
    """Return the cause in one line: what urllib3 says of it, without its objects and without the address asked."""
    cause: Any = error.args[0] if error.args else error
    words = " ".join(str(getattr(cause, "reason", None) or cause).split()).rpartition("): ")[2]
    return type(error).__name__ if not words or "url:" in words else words[:SHOWN]
