"""A request that is not answered, and how that is said."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):
    """Ends the work on a request.

    Parameters
    ----------
    status
        Of HTTP, 400 or more.
    message
        One line for the client: what is wrong, and what to do.
    headers
        To be sent along.

    Examples
    --------
    >>> Refusal(404, "no such page").status
    404
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}
