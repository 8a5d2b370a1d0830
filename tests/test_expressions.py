"""No regular expression takes long over hostile text: its time grows with the length of the text, not with its square.

Every expression of the three packages is found, in the source and in the imported modules, and tried in the ways in which
the code uses it, on texts made of its own parts: what one of its repetitions takes, many times, after what stands before
it, and ended by what does not fit. Only times of the same run are compared, those of the processor: first with those of a
plain repetition over as many characters, and where they are far above, those of a text with those of a quarter of it.
"""

import ast
import importlib
import random
import re
import time
from collections import defaultdict
from functools import cache
from pathlib import Path
from re import _compiler, _parser

import pytest
import spacy

from extractors.tokenizer import create_tokenizer

ROOT = Path(__file__).parent.parent
PACKAGES = ("schemas", "extractors", "kg")
FUNCTIONS = {
    f"re.{name}" for name in ("compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub")
}

SIZES = (8, 12, 16, 20, 24, 28, 32, 48, 64, 128, 512, 2048, 8192)  # characters; small steps for what is exponential
SUSPICIOUS = 12  # times what a plain repetition takes, or what the expression itself took where it was linear
RATIO = 8  # of the times of a text and of a quarter of it: 4 where time grows with the length, 16 with its square
TRIES = 3
MEASURABLE = 2e-3  # seconds from which a ratio is believed
ENDS = ("", "\x00", "\n")
DRAWN = 60  # further texts repeat a few characters, drawn at random but always the same
MOST = 1200  # texts for one expression
PROBES = [*map(chr, range(127)), *"\x85\xa0éÉαΩ–’“。\u0301\u2028\ud800\ufffe"]
PLAIN = re.compile("(?:[a-z]|[A-Z])*+!")


def collect():
    """Return (expression, flags) -> the ways in which it is used, and -> the places where it stands."""
    trees = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_bytes())
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    used = uses(trees)
    ways, places = defaultdict(set), defaultdict(set)

    def note(expression, how, where):
        ways[expression.pattern, expression.flags] |= how
        places[expression.pattern, expression.flags].add(where)

    def ways_of(module, variable):
        return used.get((module if (variable or "_").startswith("_") else None, variable), {"through"})

    for name, tree in trees.items():
        try:
            namespace = vars(importlib.import_module(name))
        except ImportError:  # of an extra
            namespace = {"re": re}
        for variable, value in namespace.items():
            for expression in expressions_in(value):
                note(expression, ways_of(name, variable), f"{name}.{variable}")
        for variable, call in calls(tree):
            function, arguments = call.func.attr, call.args
            source = ast.unparse(arguments[0])
            if source.startswith("'|'.join(map(re.escape"):
                continue  # one of some words: nothing is repeated
            flags = [word.value for word in call.keywords if word.arg == "flags"]
            flags += arguments[{"compile": 1, "sub": 4}.get(function, 2) :]
            try:
                flag = eval(ast.unparse(flags[0]), namespace) if flags else 0
                expression = re.compile(eval(source, namespace), flag)
            except NameError:  # the variable of a loop: what it makes is among the values of the module
                assert any(expressions_in(namespace[variable])), f"{name}:{call.lineno} cannot be evaluated"
                continue
            how = ways_of(name, variable) if function == "compile" else {way_of(function, 1)}
            note(expression, how, f"{name}:{call.lineno}")
    return ways, places


def uses(trees):
    """(Module, name) -> the ways in which expressions of that name are used: a private one there, others anywhere."""
    found = defaultdict(set)
    for module, tree in trees.items():
        called = {node.func: len(node.args) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        ways = {}  # what a method is called of, or taken of to be called elsewhere -> in which way
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and f"re.{node.attr}" in FUNCTIONS:
                of = node.value.value if isinstance(node.value, ast.Subscript) else node.value
                ways[of] = way_of(node.attr, called.get(node, 1))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                name = getattr(node, "id", None) or node.attr
                for at in (module, None) if not name.startswith("_") else (module,):
                    found[at, name].add(ways.get(node))
    return {name: how - {None} or {"through"} for name, how in found.items()}


def way_of(function, arguments):
    """``match`` and ``fullmatch`` at the beginning; else ``through``, from one place to the next."""
    return function if function == "fullmatch" or (function == "match" and arguments == 1) else "through"


def calls(tree):
    """Calls of functions of ``re``, each with the name to which the statement that it stands in assigns, if any."""
    for statement in tree.body:
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in FUNCTIONS:
                yield getattr(targets[0], "id", None), node


def expressions_in(value):
    """The expressions among values, however they are nested."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from expressions_in([*value, *value.values()])
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from expressions_in(part)


class Texts:
    """Hostile texts for an expression, of its own parts."""

    def __init__(self, expression):
        self.tree = _parser.parse(expression.pattern, expression.flags)
        self.random = random.Random(0)
        self.classes = {}  # a part that takes one character -> the probes that it takes
        self.repeated = []  # (what stands before it, its inner part) for each repetition
        for _ in range(2):  # with other choices before it
            self.walk(self.tree, "")
        alike = {}
        for character in PROBES:
            alike.setdefault(tuple(character in taken for taken in self.classes.values()), character)
        self.atoms = list(alike.values())

    def walk(self, items, before):
        """Note what is repeated, and what single characters are taken."""
        for item in items:
            if str(item[0]) in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
                self.taken(item)
            for inner in inner_parts(item):
                if "REPEAT" in str(item[0]) and item[1][1] > 8:
                    self.repeated.append((before, inner))
                self.walk(inner, before)
            before += self.sample([item])

    def sample(self, items):
        """Return a text that these parts take, or nearly so."""
        text = ""
        for item in items:
            operator, value, inner = str(item[0]), item[1], inner_parts(item)
            if operator == "LITERAL":
                text += chr(value)
            elif operator in ("IN", "ANY", "NOT_LITERAL"):
                text += self.random.choice(self.taken(item) or [""])
            elif "REPEAT" in operator:
                text += "".join(self.sample(inner[0]) for _ in range(max(value[0], self.random.choice((0, 1, 2)))))
            elif inner and not operator.startswith("ASSERT"):
                text += self.sample(self.random.choice(inner))
        return text

    def taken(self, item):
        """Return the probes that a part takes."""
        if str(item) not in self.classes:
            state = self.tree.state
            alone = _compiler.compile(_parser.SubPattern(state, [item]), state.flags)
            probes = map(encoded, PROBES) if isinstance(state.str, bytes) else PROBES
            self.classes[str(item)] = [c for c, probe in zip(PROBES, probes, strict=True) if alone.fullmatch(probe)]
        return self.classes[str(item)]

    def __iter__(self):
        """Yield what comes first, what is repeated, and the end."""
        found = {}
        for before, inner in self.repeated:
            others = (c for c in self.atoms if c not in self.classes.get(str(inner[0]), self.atoms))
            ends = {*ENDS, next(others, "")}
            for word in (*self.atoms, *(self.sample(inner) for _ in range(8))):
                for end in sorted(ends):
                    found[before, word, end] = found["", before + 2 * word, end] = None
        for _ in range(8):
            word = self.sample(self.tree)
            found |= {("", word[: len(word) - less], end): None for end in ENDS for less in (0, 1)}
        for _ in range(DRAWN):
            found["", "".join(self.random.choices(self.atoms, k=self.random.randint(1, 4))), "\x00"] = None
        found = [parts for parts in found if parts[1]]
        return iter(found if len(found) <= MOST else self.random.sample(found, MOST))


def inner_parts(item):
    """Return the sequences of parts within a part."""
    found = []

    def look(value):
        if isinstance(value, _parser.SubPattern):
            found.append(value)
        elif isinstance(value, tuple | list):
            for part in value:
                look(part)

    look(item[1])
    return found


def encoded(text):
    return text.encode("latin-1", "replace")


def made(parts, size):
    before, word, end = parts
    return before + word * (max(size - len(before), 0) // len(word) + 1) + end


def seconds(function, *texts, tries=1):
    """Processor seconds of this thread for each text, the least of some tries, made in turn."""
    best = [float("inf")] * len(texts)
    for _ in range(tries):
        for i, text in enumerate(texts):
            started = time.thread_time()
            function(text)
            best[i] = min(best[i], time.thread_time() - started)
    return best


@cache
def plain_rate():
    return seconds(PLAIN.match, "aB" * 5000, tries=9)[0] / 10000


def growth(function, parts, rate):
    """Return the size of a text and what its time is to that of a quarter of it, where that is too much.

    ``rate`` holds seconds a character that are known to be no sign of anything.
    """
    for size in SIZES:
        text, quarter = made(parts, size), made(parts, size // 4)
        if seconds(function, text)[0] < max(20e-6, SUSPICIOUS * rate[0] * size):
            continue
        for _ in range(TRIES):
            took, less = seconds(function, text, quarter, tries=5)
            if took < RATIO * less:
                rate[0] = max(rate[0], took / size) if size >= 512 else rate[0]
                break
        else:
            if took > MEASURABLE or size == SIZES[-1]:
                return size, took / less
    return None


def slowest(expression, function):
    """Return a text that takes too long, with its size and ratio; None if there is none."""
    rate = [plain_rate()]
    for parts in Texts(expression):
        if found := growth(function, parts, rate):
            return parts, *found
    return None


def function_of(expression, way):
    """Return the function of one text that uses an expression in one of the ways."""

    def through(text):
        for _ in expression.finditer(text):
            pass

    function = through if way == "through" else getattr(expression, way)
    return (lambda text: function(encoded(text))) if isinstance(expression.pattern, bytes) else function


WAYS, PLACES = collect()


@pytest.mark.parametrize("key", WAYS, ids=[min(PLACES[key]) for key in WAYS])
def test_time_grows_with_the_length(key):
    expression = re.compile(*key)
    found = [slowest(expression, function_of(expression, way)) for way in sorted(WAYS[key])]
    assert not any(found), (found, sorted(PLACES[key]))


@pytest.mark.parametrize("part", ["prefix_search", "suffix_search", "infix_finditer"])
def test_time_of_the_tokenizer_grows_with_the_length(part):
    """spaCy puts its expressions together; suffixes it cuts off one after the other."""
    method = getattr(create_tokenizer(spacy.blank("en")), part)
    function = (lambda text: list(method(text))) if part == "infix_finditer" else method
    assert not slowest(re.compile(method.__self__.pattern), function)


@pytest.mark.parametrize(
    ("expression", "way"),
    [
        *(
            (r"(a+)+b", "match"),
            (r"(?:a|aa|\w)*!", "match"),
            (r"\s*[#*]*\s*x", "match"),
            (r"[!-~]+@[!-~]+", "fullmatch"),
        ),
        *(
            (r"\s*,", "through"),
            (r"\bour\b[^.]*\Z", "through"),
            (r'"[^"]*"|<a[^>]*>b', "through"),
            (r"\d+\.", "through"),
        ),
        (r"^(?=.*x)(?:[a-z]*[0-9])?[a-z0-9]*[A-Z]*[a-z]*$", "match"),
    ],
)
def test_what_takes_long_is_found(expression, way):
    expression = re.compile(expression)
    assert slowest(expression, function_of(expression, way))


@pytest.mark.parametrize(
    ("expression", "way"),
    [(r"(?:(?<!\s)\s++)?,", "through"), (r"(?:a|b)*+c", "match"), (r"\s*,", "match"), (r"\W*+\w.*[A-Z]", "match")],
)
def test_what_does_not_take_long_is_let_through(expression, way):
    expression = re.compile(expression)
    assert not slowest(expression, function_of(expression, way))
