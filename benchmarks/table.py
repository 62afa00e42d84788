"""The table: for the terminal as it grows, and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.run import Beside, Row

READING = """One thread. *Time*: CPU seconds from a data frame to the numbers named, the formula included;
the best of up to five readings. Of work that ends in a flush to disk: seconds by the clock, once. R is
timed inside R, its start left out. *Times faster*: the peer's time over trialkit's, in the same run. *MB*:
the most allocated at once (tracemalloc; in R what `gc` saw, which leaves out what compiled code takes for
itself). *Gap*: the largest difference between the answers, relative unless the peer's name says otherwise;
where it is larger than the file of the method permits, no time is printed."""

COLUMNS = (
    "method",
    "measure",
    "size",
    "trialkit",
    "peer",
    "its time",
    "times faster",
    "aim",
    "MB",
    "its MB",
    "gap",
)
TEXTS = {"method", "measure", "peer"}


@dataclass(frozen=True)
class Aims:
    met: int
    missed: int
    open: int
    recorded: int

    def sentence(self) -> str:
        said = f"Aims: {self.met} met, {self.missed} missed, {self.open} not measured here."
        if self.recorded:
            said += f" Of them, {self.recorded} are judged by a time recorded earlier, on another machine."
        return said


def count_aims(rows: Sequence[Row]) -> Aims:
    said = [(_aim(row, beside), beside.recorded) for row in rows for beside in row.beside]
    met, missed, still_open = (
        sum(word.endswith(end) for word, _ in said) for end in ("met", "MISSED", "open")
    )
    return Aims(met, missed, still_open, recorded=sum(bool(word) and recorded for word, recorded in said))


def terminal_head() -> str:
    """The heads; what they mean stands on the page."""
    return _terminal_line("", "", "time", "MB", "times faster", "aim", "gap")


def terminal(row: Row) -> Iterator[str]:
    """Ours, and under it a line for each peer."""
    size = f"{row.size:,} {row.measure.unit}"
    yield _terminal_line(
        f"{row.method}: {row.measure.what}", size, _time(row.ours.seconds), _megabytes(row.ours.megabytes)
    )
    for beside in row.beside:
        yield _terminal_line(
            f"    {_peer(beside)}",
            "",
            _time(beside.seconds),
            _megabytes(beside.megabytes),
            _faster(row, beside),
            _aim(row, beside),
            _gap(beside),
        )


def markdown(rows: Sequence[Row], *, aims_alone: bool = False) -> str:
    """One line a measure, size and peer; or only those lines for which an aim was set."""
    rule = "|" + "|".join("---" if name in TEXTS else "---:" for name in COLUMNS) + "|"
    pairs = [(row, beside) for row in rows for beside in row.beside or (None,)]
    if aims_alone:
        pairs = [(row, beside) for row, beside in pairs if beside and _aim(row, beside)]
    return "\n".join(["| " + " | ".join(COLUMNS) + " |", rule, *(_page_line(*pair) for pair in pairs)])


def with_rows(page: str, rows: Sequence[Row]) -> str:
    """The page with the lines of these methods in both its tables replaced; the others as they were."""
    parts = page.split("\n## ")
    for place, part in enumerate(parts):
        heading = part.partition("\n")[0]
        if heading in ("Aims", "Every method"):
            new = markdown(rows, aims_alone=heading == "Aims").split("\n")[2:]
            parts[place] = lines_replaced(part, new)
    return "\n## ".join(parts)


def lines_replaced(part: str, new: list[str]) -> str:
    """The lines of the methods that ``new`` has lines of, replaced by these."""
    made = {_method(line): [other for other in new if _method(other) == _method(line)] for line in new}
    lines: list[str] = []
    for line in part.split("\n"):
        lines += made.pop(_method(line), []) if _method(line) in {*map(_method, new)} else [line]
    assert not made, f"no line yet of {', '.join(made)}: write the whole table"
    return "\n".join(lines)


def _method(line: str) -> str:
    """The first cell of a line of the table; of any other line the line."""
    return line.split(" | ")[0]


def _page_line(row: Row, beside: Beside | None) -> str:
    cells = {
        "method": row.method,
        "measure": row.measure.what,
        "size": f"{row.size:,} {row.measure.unit}",
        "trialkit": _time(row.ours.seconds),
        "MB": _megabytes(row.ours.megabytes),
    }
    if beside is not None:
        cells |= {
            "peer": _peer(beside),
            "its time": _time(beside.seconds),
            "times faster": _faster(row, beside),
            "aim": _aim(row, beside),
            "its MB": _megabytes(beside.megabytes),
            "gap": _gap(beside),
        }
    return "| " + " | ".join(cells.get(name, "") for name in COLUMNS) + " |"


def _terminal_line(
    what: str, size: str, time: str, megabytes: str, faster: str = "", aim: str = "", gap: str = ""
) -> str:
    line = f"{what:<68} {size:>17} {time:>9} {megabytes:>7} {faster:>12} {aim:>11} {gap:>7}"
    return line.rstrip()


def _peer(beside: Beside) -> str:
    note = f"{beside.note}; time recorded earlier" if beside.recorded else beside.note
    return f"{beside.peer.name} ({note})" if note else beside.peer.name


def _time(value: float | None) -> str:
    if value is None:
        return ""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def _megabytes(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _faster(row: Row, beside: Beside) -> str:
    if beside.seconds is None:
        return ""
    ratio = beside.seconds / row.ours.seconds
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _aim(row: Row, beside: Beside) -> str:
    aim = beside.peer.aim.get(row.size)
    if aim is None:
        return ""
    if beside.seconds is None:
        return f"{aim:g} open"
    return f"{aim:g} {'met' if beside.seconds >= aim * row.ours.seconds else 'MISSED'}"


def _gap(beside: Beside) -> str:
    if beside.gap is None:
        return ""
    return f"{beside.gap:.0e}" if beside.gap else "0"
