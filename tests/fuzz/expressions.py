"""Every regular expression of the packages, and texts that would make a careless one backtrack."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from re import _constants, _parser

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("schemas", "extractors", "kg")
USES = ("compile", "match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split")


def expressions() -> dict[str, re.Pattern]:
    """Return every expression by "module:name" or "module:line".

    They are found where modules, and classes and containers in them, hold compiled ones, and where a literal is
    handed to a function of ``re``.
    """
    found = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name.endswith("__main__") or ".training" in name:
            continue
        found |= {f"{name}:{key}": value for key, value in _held(vars(import_module(name)), name)}
        found |= dict(_literal(ast.parse(path.read_text(encoding="utf-8")), name))
    return found


def _literal(tree: ast.Module, module: str) -> Iterator[tuple[str, re.Pattern]]:
    """Yield what functions hand to ``re``; names between ``re.escape`` are no expressions of anybody's making."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    for node in (inner for function in functions for inner in ast.walk(function)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr=use), args=[argument, *_]) if use in USES:
                if isinstance(argument, ast.Constant):
                    yield f"{module}:{node.lineno}", re.compile(argument.value)
                else:
                    assert "re.escape" in ast.unparse(argument), f"{module}:{node.lineno}: compile it at the top"


def _held(values: dict, module: str, depth: int = 2) -> Iterator[tuple[str, re.Pattern]]:
    for key, value in list(values.items()):
        if isinstance(value, re.Pattern):
            yield str(key), value
        elif depth and isinstance(value, dict):
            yield from ((f"{key}[{inner!r}]", found) for inner, found in _held(value, module, depth - 1))
        elif depth and isinstance(value, list | tuple):
            yield from ((f"{key}[{i}]", found) for i, found in _held(dict(enumerate(value)), module, depth - 1))
        elif depth and isinstance(value, type) and value.__module__ == module:
            yield from ((f"{key}.{inner}", found) for inner, found in _held(dict(vars(value)), module, depth - 1))


def attacks(pattern: re.Pattern) -> Iterator[tuple[str, str, str]]:
    """Yield prefix, pump and suffix for each repetition of an expression; the suffix makes a match of all fail."""
    seen = set()
    for prefix, body in _repetitions(_parser.parse(pattern.pattern, pattern.flags), ""):
        for pump in {body, body * 2 + " "} if body else ():
            for suffix in ("", "\x00", "\n!"):
                if (attack := (prefix, pump, suffix)) not in seen:
                    seen.add(attack)
                    yield attack


def _repetitions(tree, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield for each repetition what may stand before it, and one round of it."""
    for operator, argument in tree:
        if operator in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            _, high, body = argument
            if high > 8:
                for round_ in _examples(body):
                    yield prefix, round_
            yield from _repetitions(body, prefix)
        elif operator is _constants.SUBPATTERN:
            yield from _repetitions(argument[-1], prefix)
        elif operator is _constants.ATOMIC_GROUP:
            yield from _repetitions(argument, prefix)
        elif operator is _constants.BRANCH:
            for branch in argument[1]:
                yield from _repetitions(branch, prefix)
        elif operator in (_constants.ASSERT, _constants.ASSERT_NOT):
            yield from _repetitions(argument[1], prefix)
        prefix += _example([(operator, argument)])


def _examples(body) -> list[str]:
    """Return texts that one round of a repetition can be: one for each branch, if it begins with branches."""
    items = list(body)
    if len(items) == 1 and items[0][0] is _constants.SUBPATTERN:
        return _examples(items[0][1][-1])
    if len(items) == 1 and items[0][0] is _constants.BRANCH:
        return [_example(branch) for branch in items[0][1][1]]
    return [_example(items)]


def _example(items) -> str:
    """Return a short text that (look-around aside) the items match."""
    text = ""
    for operator, argument in items:
        if operator is _constants.LITERAL:
            text += chr(argument)
        elif operator in (_constants.ANY, _constants.NOT_LITERAL):
            text += "a" if argument != ord("a") else "b"
        elif operator is _constants.IN:
            text += _member(argument)
        elif operator in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            text += _example(argument[2]) * max(argument[0], 1)
        elif operator is _constants.SUBPATTERN:
            text += _example(argument[-1])
        elif operator is _constants.ATOMIC_GROUP:
            text += _example(argument)
        elif operator is _constants.BRANCH:
            text += _example(argument[1][0])
    return text


def _member(options) -> str:
    """Return a character of a set."""
    source = "".join(_set_item(*option) for option in options)
    allowed = re.compile(f"[{source}]")
    return next(
        character for character in "a1 -.A\t'\n\u00e9\\" + "".join(map(chr, range(0x11000))) if allowed.match(character)
    )


def _set_item(operator, argument) -> str:
    if operator is _constants.NEGATE:
        return "^"
    if operator is _constants.LITERAL:
        return f"\\U{argument:08x}"
    if operator is _constants.RANGE:
        return f"\\U{argument[0]:08x}-\\U{argument[1]:08x}"
    names = {
        _constants.CATEGORY_DIGIT: r"\d", _constants.CATEGORY_NOT_DIGIT: r"\D", _constants.CATEGORY_SPACE: r"\s",
        _constants.CATEGORY_NOT_SPACE: r"\S", _constants.CATEGORY_WORD: r"\w", _constants.CATEGORY_NOT_WORD: r"\W",
    }  # fmt: skip
    return names[argument]
