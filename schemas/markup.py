"""What LaTeX and HTML write for a character: the tables and small rules behind :func:`schemas.text.readable`.

Symbols come from Python's own tables (``unicodedata``, ``html.entities``): many LaTeX commands go by the name that
HTML gives the character. Which of them count is listed, since papers define commands of their own (``\\ac``, ``\\eg``)
under names that HTML uses for rare signs.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5
from typing import Final

__all__ = ["DROPPED", "FONTS", "LABELLED", "OPERATORS", "SPACES", "accented", "entity", "symbol"]

# Commands that vanish with their arguments.
DROPPED: Final = re.compile(r"(?:[cC]ite\w*|footnote\w*|thanks|label|ref|eqref|cref|vspace|hspace|begin|end|color)\Z")
# Commands whose first argument is a link or a colour, and whose second is the text.
LABELLED: Final = frozenset({"href", "textcolor", "hyperlink", "hypertarget", "colorbox"})
# Commands that only change how their argument, or the rest of the group, looks.
FONTS: Final = re.compile(
    r"(?:math\w+|text(?:bf|it|tt|sc|rm|sf|sl|normal|up|md)|(?:wide)?(?:hat|tilde)|bar|vec|boldsymbol|bm|pmb|cal|bf|rm|it|em"
    r"|sf|sl|sc|tt|emph|(?:it|sc|sl)shape|bfseries|ttfamily|left|right|[bB]ig+[lrm]?|limits|displaystyle|underline"
    r"|overline|operatorname|[mh]box|small|tiny|large|Large|centering|noindent|item|xspace|quad|qquad|protect)\Z"
)
OPERATORS: Final = frozenset(
    {
        *("log", "ln", "exp", "min", "max", "arg", "argmin", "argmax", "sin", "cos", "tan", "lim", "sup", "inf", "det"),
        *("dim", "ker", "gcd", "Pr", "poly", "lg", "LaTeX", "TeX", "BibTeX"),
    }
)
SPACES: Final = {",": " ", ";": " ", ":": " ", " ": " ", "\\": " ", "!": "", "-": "", "/": "", "@": ""}

_NAMED_AS_IN_HTML = (
    "times pm mp div leq le geq ge ll gg equiv cong sim simeq approx propto rightarrow leftarrow leftrightarrow "
    "Rightarrow Leftarrow Leftrightarrow uparrow downarrow mapsto in ni subset subseteq supset supseteq cup cap "
    "emptyset forall sum prod int nabla ell hbar aleph otimes oplus wedge vee langle rangle lfloor rfloor lceil rceil "
    "perp parallel mid prime bullet dagger ddagger deg Re Im top bot lesssim gtrsim"
)
_SYMBOLS: Final = {name: html5[f"{name};"] for name in _NAMED_AS_IN_HTML.split()} | {
    **{"to": "→", "gets": "←", "infty": "∞", "cdot": "·", "cdots": "…", "ldots": "…", "dots": "…", "circ": "°"},
    **{"star": "*", "ast": "*", "neq": "≠", "ne": "≠", "partial": "∂", "exists": "∃", "sqrt": "√", "vert": "|"},
    **{"Vert": "‖", "|": "‖", "degree": "°", "colon": ":", "lbrace": "{", "rbrace": "}", "backslash": "\\"},
    **{"ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å"},
    **{"AA": "Å", "i": "ı", "j": "ȷ", "ie": "i.e.", "eg": "e.g.", "etal": "et al.", "textdegree": "°"},
    **{"textgreater": ">", "textless": "<", "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_"},
    **{"textemdash": "—", "textendash": "–", "textquotedblleft": "“", "textquotedblright": "”", "textquoteright": "’"},
    **{"textquoteleft": "‘", "textregistered": "®", "texttrademark": "™", "textbullet": "•", "textbackslash": "\\"},
}
_COMBINING: Final = {
    **{"'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307"},
    **{"c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328", "r": "\u030a", "b": "\u0331"},
    **{"d": "\u0323"},
}


def symbol(command: str) -> str | None:
    """Return the character that a LaTeX command (without backslash) stands for, None where it is not known to.

    >>> symbol("alpha"), symbol("Omega"), symbol("varepsilon"), symbol("times"), symbol("ModelName")
    ('α', 'Ω', 'ε', '×', None)
    """
    if command in _SYMBOLS:
        return _SYMBOLS[command]
    letter = command.removeprefix("var")
    size = "CAPITAL" if letter[:1].isupper() else "SMALL"
    # Unicode spells the letter "lamda".
    name = f"GREEK {size} LETTER {letter.upper().replace('LAMBDA', 'LAMDA')}"
    if len(letter) < 2 or letter not in (letter.lower(), letter.capitalize()):
        return None
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return None


def accented(accent: str, letter: str) -> str | None:
    """Return the letter under a LaTeX accent as one character, None where there is none.

    >>> accented("'", "e"), accented("c", "c"), accented('"', "V")
    ('é', 'ç', None)
    """
    composed = unicodedata.normalize("NFC", letter + _COMBINING[accent])
    return composed if len(composed) == 1 else None


def entity(reference: str) -> str | None:
    """Return what an HTML character reference stands for, None where it is none or stands for a control character.

    >>> entity("&lt;"), entity("&#x27;"), entity("&amp;amp;"), entity("&T;")
    ('<', "'", '&', None)
    """
    text = reference
    while (plain := html.unescape(text)) != text and plain.endswith(";"):
        text = plain
    if plain.endswith(";") or not plain.isprintable():
        return " " if plain == "\u00a0" else None
    return plain
