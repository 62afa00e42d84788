"""Every word of an error can be found by a catalogue: no f-string, no sum of texts, no format."""

import ast
import string
from pathlib import Path

import pytest

from tests.wording.gather import errors_of_the_package, sources
from trialkit.wording.messages import bare, messages, words_of_errors


def test_no_error_of_the_package_is_made_of_a_bare_f_string():
    found = [
        f"{words.path}:{words.node.lineno}: {ast.unparse(words.node)}"
        for words in errors_of_the_package()
        if bare(words.node)
    ]
    assert not found, "write said('... {name}', name=...) instead:\n" + "\n".join(found)


def test_every_call_of_said_has_a_literal_with_exactly_its_parameters():
    wrong, seen = [], 0
    for path, source in sources().items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
                seen += 1
                if not _fits(node):
                    wrong.append(f"{path}:{node.lineno}: {ast.unparse(node)}")
    assert not wrong
    assert seen > 500


def _fits(call: ast.Call) -> bool:
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        return any(keyword.arg is None for keyword in call.keywords)
    return _named(str(call.args[0].value)) == {keyword.arg for keyword in call.keywords} or any(
        keyword.arg is None for keyword in call.keywords
    )


def _named(template: str) -> set[str]:
    names = set()
    for _, name, specification, _ in string.Formatter().parse(template):
        if name is not None:
            names |= {name} | _named(specification or "")
    return names


def test_the_catalogue_holds_words_alone_and_templates_with_their_places():
    ids = messages(sources(), errors_of_the_package())
    assert len(ids) > 1000
    assert "Did you mean {name!r}?" in ids
    assert ids["Mend that line."][0][0] == Path("trialkit/strict_toml.py")


BARE = {
    "an f-string": 'raise E(expected=f"at most {n}", found="x")',
    "one of two": 'raise E(expected="a", found=f"{n} rows" if n else "none")',
    "a sum": 'raise E(expected="at most " + str(n), found="x")',
    "a format": 'raise E(expected="at most {}".format(n), found="x")',
    "a name": 'def f(n):\n    step = f"Take {n}."\n    raise E(expected="a", found="b", next_step=step)',
    "a helper": 'def bad(what):\n    return E(expected=what, found="b")\nraise bad(f"at most {n}")',
    "a method": 'class A:\n    def no(self, expected): ...\n    def f(self, n): self.no(f"up to {n}")',
    "an answer": 'def step(n):\n    return f"Take {n}."\nraise E(expected="a", found="b", next_step=step(2))',
    "within said": 'raise E(expected=said("{a}", a=f"at most {n}"), found="b")',
}


@pytest.mark.parametrize("source", BARE.values(), ids=BARE)
def test_words_put_together_are_found_wherever_they_stand(source):
    found = words_of_errors({Path("one.py"): source})
    assert [words for words in found if bare(words.node)]


def test_data_put_together_are_no_words():
    found = words_of_errors({Path("one.py"): 'raise E(expected="a", found=repr(n), where=f"{path}:{line}")'})
    assert not [words for words in found if bare(words.node)]
