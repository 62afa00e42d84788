"""Which expressions of a program are words of an error, found in its syntax tree.

A catalogue is filled from them, and a test holds each to a form that can be translated. Words are what is
handed to a parameter named as a field of an error (``expected``, ``found``, ``where``, ``next_step``), to
whatever passes a parameter on to one, to :func:`trialkit.wording.said`, and what a function returns whose
answer stands in such a place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FIELDS = frozenset({"expected", "found", "where", "next_step"})
_TEMPLATES = {"said": 1, "said_count": 2}
_MARK = frozenset({"expected", "found", "next_step"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Words:
    """One expression that is words of an error: a literal, a call of ``said``, or something else."""

    path: Path
    node: ast.expr


Where = tuple[Path, str]
"""A function or class: the file that defines it, and its name."""


@dataclass
class _Known:
    """What has been learnt so far: which parameters of which function are words, and whose answers are."""

    files: Mapping[str, Path]
    calls: dict[Path, list[tuple[_Function | None, ast.Call]]] = field(default_factory=dict)
    functions: dict[Where, list[_Function]] = field(default_factory=dict)
    signatures: dict[Where, list[str]] = field(default_factory=dict)
    methods: dict[str, list[Where]] = field(default_factory=dict)
    imported: dict[Where, Where] = field(default_factory=dict)
    parameters: dict[Where, set[str]] = field(default_factory=dict)
    answers: dict[Path, set[str]] = field(default_factory=dict)

    def count(self) -> int:
        return sum(map(len, (*self.parameters.values(), *self.answers.values())))

    def definitions(self, call: ast.Call, path: Path) -> list[Where]:
        """What a call may mean: the function of that name here or imported; a method of it anywhere."""
        name = called(call)
        if isinstance(call.func, ast.Name):
            return [self.imported.get((path, name), (path, name))]
        if isinstance(call.func, ast.Attribute):
            of = call.func.value
            if isinstance(of, ast.Name) and of.id in ("self", "cls"):
                return [(path, name)]
        return self.methods.get(name, [])


def words_of_errors(sources: Mapping[Path, str]) -> list[Words]:
    """Every expression that ends as words of an error, in the order of the files."""
    trees = {path: _tree(source) for path, source in sources.items()}
    known = _Known({_module(path): path for path in trees})
    for path, tree in trees.items():
        _note_signatures(path, tree, known)
        _note_bodies(path, tree, known)
    while True:
        before = known.count()
        found = [Words(path, node) for path in trees for node in _in_module(path, known)]
        if known.count() == before:
            return found


def messages(sources: Mapping[Path, str], errors: Iterable[Words]) -> dict[str, list[tuple[Path, int]]]:
    """Message ids for a catalogue, with places: words of errors, and every template of ``said``."""
    found: dict[str, list[tuple[Path, int]]] = {}
    places = [(words.path, words.node) for words in errors]
    for path, source in sources.items():
        calls = (node for node in ast.walk(_tree(source)) if isinstance(node, ast.Call))
        places += [(path, text) for call in calls for text in call.args[: _TEMPLATES.get(called(call), 0)]]
    for path, node in places:
        if _wordy(node) and isinstance(node, ast.Constant):
            at = found.setdefault(str(node.value), [])
            at.extend({(path, node.lineno)} - {*at})
    return found


@cache
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _note_signatures(path: Path, tree: ast.Module, known: _Known) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (source := known.files.get(node.module or "")):
            for alias in node.names:
                known.imported[path, alias.asname or alias.name] = (source, alias.name)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, _Function):
                    _note(path, node.name if inner.name == "__init__" else inner.name, inner, known)
                    known.methods.setdefault(inner.name, []).append((path, inner.name))
        elif isinstance(node, _Function) and (path, node.name) not in known.signatures:
            _note(path, node.name, node, known)


def _note(path: Path, name: str, function: _Function, known: _Known) -> None:
    arguments = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    names = arguments[1:] if arguments[:1] in (["self"], ["cls"]) else arguments
    known.signatures[path, name] = names
    everything = {*names, *(a.arg for a in function.args.kwonlyargs)}
    if everything & _MARK:
        known.parameters.setdefault((path, name), set()).update(everything & FIELDS)


def _in_module(path: Path, known: _Known) -> Iterator[ast.expr]:
    for owner, call in known.calls[path]:
        if called(call) in _TEMPLATES:
            for keyword in call.keywords:
                yield from _leaves(keyword.value, path, owner, known, parameters=False)
        for value in _handed_on(call, path, known):
            yield from _leaves(value, path, owner, known)
    for name in tuple(known.answers.get(path, ())):
        for node in known.functions.get((path, name), ()):
            for answer in _body(node).returned:
                yield from _leaves(answer, path, node, known)


@dataclass(frozen=True)
class _Body:
    """What a function returns, and what it gives to which name."""

    returned: list[ast.expr] = field(default_factory=list)
    assigned: dict[str, list[ast.expr]] = field(default_factory=dict)


@cache
def _body(function: _Function) -> _Body:
    """Of everything in a function but what stands in a function of its own."""
    body = _Body()
    nodes: list[ast.AST] = list(function.body)
    for node in nodes:  # which grows while it is read
        if isinstance(node, ast.Return) and node.value is not None:
            body.returned.append(node.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    body.assigned.setdefault(target.id, []).append(node.value)
        if not isinstance(node, _Function):
            nodes.extend(ast.iter_child_nodes(node))
    return body


def _note_bodies(path: Path, tree: ast.Module, known: _Known) -> None:
    """Every call with the function it stands in, and every function by name."""
    calls = known.calls.setdefault(path, [])
    waiting: list[tuple[_Function | None, ast.AST]] = [(None, tree)]
    while waiting:
        owner, node = waiting.pop()
        if isinstance(node, ast.Call):
            calls.append((owner, node))
        elif isinstance(node, _Function):
            known.functions.setdefault((path, node.name), []).append(node)
            owner = node
        waiting.extend((owner, child) for child in ast.iter_child_nodes(node))


def _handed_on(call: ast.Call, path: Path, known: _Known) -> Iterator[ast.expr]:
    """The arguments of a call that are words."""
    given = {keyword.arg for keyword in call.keywords}
    for keyword in call.keywords:
        if given & _MARK and keyword.arg in FIELDS:
            yield keyword.value
    for definition in known.definitions(call, path):
        words = known.parameters.get(definition, set())
        yield from (
            k.value for k in call.keywords if k.arg in words and not (given & _MARK and k.arg in FIELDS)
        )
        for parameter, value in zip(known.signatures.get(definition, ()), call.args, strict=False):
            if parameter in words:
                yield value


def called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _leaves(
    value: ast.expr, path: Path, owner: _Function | None, known: _Known, *, parameters: bool = True
) -> Iterator[ast.expr]:
    """What a field's value comes down to, through choices, names and calls of ours."""
    choices: list[ast.expr] = []
    if isinstance(value, ast.IfExp):
        choices = [value.body, value.orelse]
    elif isinstance(value, ast.BoolOp):
        choices = value.values
    elif isinstance(value, ast.Name) and owner is not None:
        if parameters and value.id in _parameters(owner):
            known.parameters.setdefault((path, owner.name), set()).add(value.id)
        choices, owner = _body(owner).assigned.get(value.id, []), None
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and parameters:
        for place, name in known.definitions(value, path):
            known.answers.setdefault(place, set()).add(name)
        yield value
    else:
        yield value
    for choice in choices:
        yield from _leaves(choice, path, owner, known, parameters=parameters)


def _parameters(owner: _Function) -> set[str]:
    return {a.arg for a in (*owner.args.posonlyargs, *owner.args.args, *owner.args.kwonlyargs)}


def bare(node: ast.expr) -> bool:
    """Whether words are put together so that no catalogue can hold them: an f-string, a sum, a ``format``."""
    if isinstance(node, ast.JoinedStr):
        return any(_wordy(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        return any(_wordy(part) or isinstance(part, ast.JoinedStr) for part in _summed(node))
    return isinstance(node, ast.Call) and called(node) == "format"


def _summed(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        yield from _summed(node.left)
        yield from _summed(node.right)
    else:
        yield node


def _wordy(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and any(map(str.isalpha, node.value))
    )
