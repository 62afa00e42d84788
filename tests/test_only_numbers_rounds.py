"""No room but `numbers` prints a number to decimals: one rule of rounding for whatever a reader sees."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import trialkit
from trialkit import numbers

HERE = Path(trialkit.__file__).parent
DECIMALS = re.compile(r"\.\d+[fF%]$")
IN_A_TEMPLATE = re.compile(r"\{\w+(?:![rs])?:[^{}]*\.\d+[fF%]\}")
COORDINATES = {"web/charts.py", "figures/drawing.py"}  # places on a sheet, which nobody reads
MADE_UP = {"simulation/texts.py", "simulation/default_items.py"}  # what a simulated person writes down
IN_PAGES = re.compile(r"\|\s*round\b|%\.\d+f|\bformat\([^)]*\.\d+f")


def fixed_decimals(tree: ast.AST) -> list[int]:
    """Lines that format to decimals: `{x:.2f}` in an f-string or a template, `format(x, ".2f")`, `%.2f`."""
    return [node.lineno for node in ast.walk(tree) if _prints_decimals(node)]


def _prints_decimals(node: ast.AST) -> bool:
    match node:
        case ast.FormattedValue(format_spec=ast.JoinedStr(values=parts)):
            spec = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            return bool(DECIMALS.search(spec))
        case ast.Constant(value=str(text)):
            return bool(IN_A_TEMPLATE.search(text) or re.fullmatch(r"[<>^+,]?\d*\.\d+[f%]", text))
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text))):
            return bool(re.search(r"%\d*\.\d+f", text))
    return False


def test_only_numbers_prints_to_decimals() -> None:
    allowed = COORDINATES | MADE_UP | {"numbers.py"}
    files = {path.relative_to(HERE).as_posix(): path for path in HERE.rglob("*.py")}
    told = {
        name: lines
        for name, path in files.items()
        if name not in allowed and (lines := fixed_decimals(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert told == {}
    assert all(fixed_decimals(ast.parse(files[name].read_text(encoding="utf-8"))) for name in COORDINATES)


def test_a_template_of_a_page_rounds_nothing_either() -> None:
    pages = [path for kind in ("*.html", "*.j2") for path in HERE.rglob(kind)]
    assert len(pages) > 20
    told = [line for path in pages for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line in told if IN_PAGES.search(line) and "width:" not in line] == []  # widths


def test_the_check_sees_every_form() -> None:
    for text in (
        'f"{x:.2f}"', 'f"{x:6.1%}"', 'said("{x:.3f} mm", x=x)', 'format(x, ".2f")', '"%.2f" % x',
        'f"{row[\'a\']:,.1f}"',
    ):  # fmt: skip
        assert fixed_decimals(ast.parse(text)), text
    for text in ('f"{x:.3g}"', 'f"{x:,}"', 'f"{x}"', 'f"{x:g}"', 'f"{x:>6}"'):
        assert fixed_decimals(ast.parse(text)) == [], text


def test_halves_are_rounded_as_on_paper_wherever_they_are_printed() -> None:
    assert numbers.plain(100 * 0.125, 0) == "13"
    assert numbers.plain(2.675, 2) == "2.68"
