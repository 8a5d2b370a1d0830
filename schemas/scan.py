"""One pass over LaTeX and HTML that shows what a reader would see, and remembers where each character was read."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from schemas.markup import DROPPED, FONTS, LABELLED, OPERATORS, SPACES, accented, entity, symbol

__all__ = ["SUSPICIOUS", "Scan"]

_INVISIBLE: Final = "\u00ad\u200b\u200e\u200f\u2060\ufeff"  # soft hyphen, zero-width space, direction marks
_BLANKS: Final = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
_SPECIAL: Final = re.compile(
    rf"[\\${{}}~^_]|&(?=[#\w])|<(?=[/A-Za-z])|``|''|-{{2,}}|[{_INVISIBLE}{_BLANKS}\ufb00-\ufb06]"
)

_COMMAND: Final = re.compile(r"\\([A-Za-z]+)\*?")
_OPTIONS: Final = re.compile(r"(?:\[[^\[\]{}\n]{0,100}\]){0,3}")
_MARK: Final = re.compile(r"\\(['\"`^~=.])\s?(?:\{\\?([A-Za-z])\}|\\([ij])(?![A-Za-z])\s?|([A-Za-z]))")
_LETTER_MARK: Final = re.compile(r"\\([cvHukrbd])\s?\{\\?([A-Za-z])\}")
_POSSESSIVE: Final = re.compile(r"(?<=[A-Za-z])\\'(?=[st](?![A-Za-z]))")
_REFERENCE: Final = re.compile(r"&(?:amp;){0,3}(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TAG: Final = re.compile(
    r"</?(?:i|b|em|strong|su[bp]|tt|u|br|p|span|small|italic|bold|scp?|jats:[a-z-]+|mml:[a-z]+)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_BARE_SUPERSCRIPT: Final = re.compile(r"\^\{?(?:\*|'|\\(?:circ|star|ast|prime|degree)(?![A-Za-z]))")
_CLOSE_SUBSCRIPT: Final = re.compile(r"_(?:\{(?:[A-Za-z]|\d{1,4}|\\[A-Za-z]+)\}|\d+(?![A-Za-z])|[A-Za-z]|\\[A-Za-z]+)")
_SET: Final = re.compile(r"[,;|:=]|^\s|\s$|^$")  # what braces hold when they are a set and no markup
_MAX_GROUP: Final = 300  # characters of a group or formula that is looked into: keeps hostile input linear
_SPACE_RUN: Final = re.compile(" *")
SUSPICIOUS: Final = re.compile(
    rf"[\\${{}}~]|&[#\w]|<[/A-Za-z]|``|--|[{_INVISIBLE}{_BLANKS}\ufb00-\ufb06]"
)  # whether a text has anything to scan for


class Scan:
    """One pass over a text: the characters to show, and where each was read."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.chars: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.groups: dict[int, int] = {}  # opening to closing brace
        self.formulas: dict[int, tuple[int, int]] = {}  # opening delimiter to closing delimiter [start, end)
        self.shown: dict[int, str] = {}  # braces that are markup, and what stands for them
        self.math_end = self.math_stop = -1  # where the current formula's closing delimiter stands
        self.quoted = "``" in source

    def read(self, start: int, stop: int) -> None:
        """Read ``[start, stop)``; nothing pairs across its borders."""
        self.stop = stop
        self.groups = _pair_braces(self.source, start, stop)
        self.formulas = _pair_formulas(self.source, start, stop)
        position = start
        while match := _SPECIAL.search(self.source, position, stop):
            self._copy(position, match.start())
            position = self._special(match.start(), match[0])
        self._copy(position, stop)

    def _copy(self, start: int, end: int) -> int:
        self.chars.extend(self.source[start:end])
        self.starts.extend(range(start, end))
        self.ends.extend(range(start + 1, end + 1))
        return end

    def _show(self, text: str, start: int, end: int) -> int:
        """Show ``text`` for ``[start, end)`` of the source; return ``end``."""
        self.chars.extend(text)
        self.starts.extend([start] * len(text))
        self.ends.extend([end] * len(text))
        return end

    def _special(self, at: int, what: str) -> int:
        """Deal with the special characters at ``at``; return where to go on."""
        if at == self.math_end:
            end, self.math_end, self.math_stop = self.math_stop, -1, -1
            return end
        if what == "\\":
            return self._backslash(at)
        if what == "$":
            return self._open_formula(at) or self._copy(at, at + 1)
        if what in "{}":
            return self._brace(at)
        if what in "&<":
            return self._html(at)
        if what in "^_":
            bare = _BARE_SUPERSCRIPT if what == "^" else _CLOSE_SUBSCRIPT
            drops = self.math_end >= 0 and bare.match(self.source, at, self.stop)
            return at + 1 if drops else self._copy(at, at + 1)
        return self._typography(at, what)

    def _typography(self, at: int, what: str) -> int:
        end = at + len(what)
        if what in ("``", "''"):
            return self._show("“" if what == "``" else "”", at, end) if self.quoted else self._copy(at, end)
        if what[0] == "-":
            return self._copy(at, end) if self.math_end >= 0 else self._show("–" if what == "--" else "—", at, end)
        if what == "~":
            return self._show(" ", at, end) if self._is_tie(at) else self._copy(at, end)
        if what in _INVISIBLE:
            return end
        return self._show(unicodedata.normalize("NFKC", what), at, end)  # a ligature or an unusual space

    def _is_tie(self, at: int) -> bool:
        """Whether a tilde is LaTeX's tie: not the sign for "about", of a range or of a home page."""
        before, after = self.source[at - 1 : at], self.source[at + 1 : at + 2]
        if not before or before.isspace() or before in "/(" or not after or after.isspace():
            return False
        return not (before in "0123456789%" and after.isdigit())

    def _html(self, at: int) -> int:
        if self.source[at] == "&":
            match = _REFERENCE.match(self.source, at, self.stop)
            shown = entity(match[0]) if match else None
            return self._copy(at, at + 1) if match is None or shown is None else self._show(shown, at, match.end())
        match = _TAG.match(self.source, at, self.stop)
        if match is None:
            return self._copy(at, at + 1)
        name = match[0].casefold().strip("<>/ ")
        return self._show(
            {"sup": "^", "br": " ", "p": " "}.get(name, "") if match[0][1] != "/" else "", at, match.end()
        )

    def _open_formula(self, at: int) -> int | None:
        """Enter the formula that opens at ``at``; return where its content starts, None where none does."""
        if at not in self.formulas or self.math_end >= 0:
            return None
        close, end = self.formulas[at]
        self.math_end, self.math_stop = close, end
        return at + end - close

    def _brace(self, at: int) -> int:
        if at in self.shown:
            return self._show(self.shown.pop(at), at, at + 1)
        if self.source[at] == "{" and at in self.groups:
            close = self.groups[at]
            command = _COMMAND.match(self.source, at + 1, close)
            content = self.source[at + 1 : close] if close - at < _MAX_GROUP else ","
            if self.math_end >= 0 or (command and FONTS.match(command[1])) or not _SET.search(content):
                self.shown[close] = ""
                return at + 1
        return self._copy(at, at + 1)

    def _backslash(self, at: int) -> int:
        following = self.source[at + 1 : min(at + 2, self.stop)]
        if match := _COMMAND.match(self.source, at, self.stop):
            return self._letter_mark(at) or self._command(at, match.end(), match[1])
        if following in ("(", "[") and (start := self._open_formula(at)) is not None:
            return start
        if match := _POSSESSIVE.match(self.source, at, self.stop):
            return at + 1
        if match := _MARK.match(self.source, at, self.stop):
            shown = accented(match[1], match[2] or match[3] or match[4])
            if shown is not None:
                return self._show(shown, at, match.end())
        if following and following in "%&$#_{}\"'":
            return self._show(following, at, at + 2)
        if following in SPACES:
            return self._show(SPACES[following], at, at + 2)
        if following == "|" and self.math_end >= 0:
            return self._show("‖", at, at + 2)
        return self._copy(at, at + 1)

    def _letter_mark(self, at: int) -> int | None:
        match = _LETTER_MARK.match(self.source, at, self.stop)
        shown = accented(match[1], match[2]) if match else None
        return self._show(shown, at, match.end()) if match and shown else None

    def _group(self, at: int) -> tuple[int, int] | None:
        """The group that opens at ``at``, after options in brackets; None where there is none."""
        options = _OPTIONS.match(self.source, at, self.stop)
        start = options.end() if options else at
        return (start, self.groups[start]) if start in self.groups else None

    def _command(self, at: int, end: int, name: str) -> int:
        group = self._group(end)
        if group and DROPPED.match(name):
            return self._drop(group[1] + 1)
        if group and name in LABELLED and group[1] + 1 in self.groups:
            end, group = group[1] + 1, (group[1] + 1, self.groups[group[1] + 1])
        shown = symbol(name)
        if shown is not None:
            if group and group[1] - group[0] == 1:
                self.shown |= {group[0]: "", group[1]: ""}
            return self._show(shown, at, end)
        if group and group[1] - group[0] > 1:
            self.shown |= {group[0]: "", group[1]: ""}
            if name.endswith("frac") and (second := self._group(group[1] + 1)):
                self.shown |= {group[1]: "/", second[0]: "", second[1]: ""}
            return group[0]
        if FONTS.match(name) and not self.source.startswith("{", end):
            return _SPACE_RUN.match(self.source, end, self.stop).end()  # type: ignore[union-attr]
        if group:  # an empty one, which only ends the command
            self.shown |= {group[0]: "", group[1]: ""}
        if name in OPERATORS and self.chars and self.chars[-1].isalnum():
            self._show(" ", at, at + 1)  # n\log n
        return self._copy(at + (self.math_end >= 0 or name in OPERATORS), end)

    def _drop(self, end: int) -> int:
        """Leave out what ends at ``end``, and the space before it where another or a full stop follows."""
        if self.chars and self.chars[-1] == " " and (end >= self.stop or self.source[end] in " .,;:)"):
            for values in (self.chars, self.starts, self.ends):
                values.pop()
        return end


def _pair_braces(text: str, start: int, stop: int) -> dict[int, int]:
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for match in re.compile(r"\\[\\{}]|[{}]").finditer(text, start, stop):
        if match[0] == "{":
            stack.append(match.start())
        elif match[0] == "}" and stack:
            pairs[stack.pop()] = match.start()
    return pairs


def _pair_formulas(text: str, start: int, stop: int) -> dict[int, tuple[int, int]]:
    """Opening delimiters to closing ones. Dollars pair as in pandoc: no space inside, no digit after."""
    pairs: dict[int, tuple[int, int]] = {}
    opened: re.Match[str] | None = None
    closing = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
    for match in re.compile(r"\$\$?|\\[()\[\]$\\]").finditer(text, start, stop):
        if match[0] in (r"\$", r"\\"):
            continue
        if opened and match[0] == closing.get(opened[0]) and _is_formula(text, opened.end(), match.start()):
            pairs[opened.start()] = match.span()
            opened = None
        else:
            opened = match
    return pairs


def _is_formula(text: str, start: int, end: int) -> bool:
    content = text[start : min(end, start + _MAX_GROUP)]
    if not content.strip() or end - start > _MAX_GROUP or content[0].isspace() != content[-1].isspace():
        return False
    if content[0].isspace() or text[end + 1 : end + 2].isdigit():
        return bool(re.search(r"[\\^_]", content)) and not re.search(r"(?<![\\A-Za-z])[A-Za-z]{4}", content)
    # What looks like "5 million and " or other prose stands between two prices.
    prose = re.search(r"^\d[\d.,]*\s|[A-Za-z]{3} |\s[A-Za-z]{4}", content)
    return not prose or bool(re.search(r"[\\^_={}<>]", content))
