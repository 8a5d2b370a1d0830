"""The errors that abstractkg raises on purpose. Everything else that escapes is a bug.

::

    AbstractKGError
    ├── InputError         a call or an input that cannot be used at all
    │   ├── UnknownFormat      no reader or writer of that name or suffix
    │   ├── CurationError      a curation file that says something impossible
    │   ├── MissingExtra       an optional package that the call needs (an ImportError too)
    │   └── UnknownEntity      no entity of that name or id
    ├── RecordError        one record of an input is unusable; readers reject it, count it and go on
    ├── StoreError         a graph folder that is missing, damaged, busy or of another version
    ├── PushError          a triple store that cannot be reached or refuses what it is sent
    └── FetchError         a service of papers that cannot be reached, refuses or goes on failing

A message is one line: what is wrong, where (file and line, paper id), what to do, and the valid names.
"""

__all__ = [
    "AbstractKGError",
    "CurationError",
    "FetchError",
    "InputError",
    "MissingExtra",
    "PushError",
    "RecordError",
    "StoreError",
    "UnknownEntity",
    "UnknownFormat",
]


class AbstractKGError(Exception):
    """Base of every error that abstractkg raises on purpose."""


class InputError(AbstractKGError):
    """A call or an input that cannot be used at all."""


class UnknownFormat(InputError):
    """No reader or writer goes by that name or suffix."""


class CurationError(InputError):
    """A curation file that cannot be read or says something impossible."""


class MissingExtra(InputError, ImportError):
    """A call that needs a package which comes with an extra, and is not installed."""


class UnknownEntity(InputError):
    """No entity of the graph goes by that name or id."""


class RecordError(AbstractKGError):
    """One record of an input is unusable; the readers reject it, count it and go on."""


class StoreError(AbstractKGError):
    """A graph folder that is missing, damaged, in use by another process or of another version."""


class PushError(AbstractKGError):
    """A triple store that cannot be reached, or refuses what it is sent."""


class FetchError(AbstractKGError):
    """A service of papers that cannot be reached, refuses what it is asked, or goes on failing."""
