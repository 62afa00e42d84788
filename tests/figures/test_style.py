"""Figures: the same bytes, readable words, colours that stay apart."""

from __future__ import annotations

import io
import subprocess
import sys

import lxml.etree
import pytest

from trialkit.figures import drawing, style as figure_style
from trialkit.figures.drawing import drawn
from trialkit.figures.lettering import fitting_size, text_width_points, wrap_text
from trialkit.figures.style import house_style, new_figure

DRAW = """
from trialkit.figures.drawing import drawn
from trialkit.figures.style import house_style, new_figure
with house_style("k"):
    figure = new_figure(3, 2)
    axes = figure.add_subplot()
    axes.fill_between([0, 1], [0, 1], [1, 2])
    axes.plot([0, 1], [0, 1], marker="s")
    print(drawn(figure, "k", "A line").svg)
"""


def draw(key: str, label: str = "Cumulative risk, %") -> str:
    with house_style(key):
        figure = new_figure(3, 2)
        axes = figure.add_subplot()
        axes.fill_between([0, 1], [0, 1], [1, 2])
        axes.plot([0, 1], [0, 1], marker="s")
        axes.set_ylabel(label)
        return drawn(figure, key, 'Risk "rises" & stays <1').svg


def test_a_figure_drawn_in_two_processes_is_the_same_bytes() -> None:
    drawn = [
        subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert "<svg" in drawn[0]


def test_a_figure_holds_no_date_and_no_outer_size() -> None:
    root = lxml.etree.fromstring(draw("risk"))
    assert not root.findall(".//{*}metadata")
    assert root.get("width") is None
    assert root.get("viewBox")


def test_a_figure_carries_its_words_for_those_who_cannot_see_it() -> None:
    root = lxml.etree.fromstring(draw("risk"))
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Risk "rises" & stays <1'
    assert root.findtext("{*}title") == 'Risk "rises" & stays <1'


def test_labels_stay_text_that_can_be_searched() -> None:
    root = lxml.etree.fromstring(draw("risk", "ODI, % ≥ −10"))
    assert "ODI, % ≥ −10" in [text.text for text in root.iterfind(".//{*}text")]


def test_two_figures_on_a_page_share_no_id_and_point_only_at_their_own() -> None:
    ids = []
    for key in ("one", "two"):
        svg = draw(key)
        root = lxml.etree.fromstring(svg)
        own = {element.get("id") for element in root.iter() if element.get("id")}
        assert all(name.startswith(key) for name in own)
        used = {use.get("{http://www.w3.org/1999/xlink}href")[1:] for use in root.iterfind(".//{*}use")}
        assert used
        assert used <= own
        ids.append(own)
    assert not ids[0] & ids[1]


def test_the_house_style_leaves_other_people_s_figures_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw("risk")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.analytic
def test_arm_colours_are_those_of_okabe_and_ito_and_arms_differ_without_colour() -> None:
    published = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"}
    assert set(figure_style.ARM_COLOURS) <= published
    assert len(set(figure_style.ARM_MARKERS)) == len(figure_style.ARM_MARKERS)
    assert figure_style.ARM_LINES[0] != figure_style.ARM_LINES[1]


def test_wrapped_lines_fit_and_lose_no_word() -> None:
    text = "fatty infiltration below Goutallier grade 2 (n\u00a0=\u00a023)"
    lines = wrap_text(text, 90, 8.5)
    assert " ".join(lines) == text
    assert all(text_width_points(line, 8.5) <= 90 for line in lines)
    assert len(lines) > 1


def test_a_word_wider_than_its_box_keeps_its_own_line() -> None:
    assert wrap_text("a paraspinalmusculature b", 20, 8.5) == ["a", "paraspinalmusculature", "b"]


def test_importing_the_room_loads_no_plotting() -> None:
    program = (
        "import sys, trialkit.documents, trialkit.figures, trialkit.report;"
        "print('matplotlib' in sys.modules, 'pandas' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False"]


def chinese_figure() -> drawing.Drawing:
    with house_style("zh"):
        figure = new_figure(3, 2)
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1])
        axes.set_ylabel("疼痛评分（VAS）")
        return drawing.drawn(figure, "zh", "疼痛评分")


def test_pdf_and_png_of_a_figure_are_the_same_bytes_twice() -> None:
    first, second = chinese_figure(), chinese_figure()
    assert first.pdf() == second.pdf()
    assert first.png() == second.png()
    assert first.pdf().startswith(b"%PDF")
    assert first.png()[1:4] == b"PNG"


def test_chinese_labels_are_text_in_the_svg() -> None:
    assert "疼痛评分（VAS）" in chinese_figure().svg


def test_chinese_text_breaks_between_characters_and_loses_none() -> None:
    lines = wrap_text("运动联合非甾体抗炎药，对照组", 50, 8.5)
    assert "".join(lines) == "运动联合非甾体抗炎药，对照组"
    assert len(lines) > 1
    assert all(text_width_points(line, 8.5) <= 50 for line in lines)
    assert not any(line.startswith("，") for line in lines)


def test_any_text_is_drawn_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dollar is a dollar, and a script that no face of this machine has stays text for the reader's."""
    for faces in (figure_style.families(), ("DejaVu Sans",)):
        monkeypatch.setattr(figure_style, "families", lambda faces=faces: faces)
        with figure_style.house_style("any"):
            figure = figure_style.new_figure(4, 3)
            axes = figure.add_subplot()
            axes.set_title("患者 5 $ and 6 $ x_2^3 \\frac")
            axes.set_xlabel("нет, تأجيل")
            buffer = io.StringIO()
            figure.savefig(buffer, format="svg")
        assert "患者 5 $ and 6 $ x_2^3 \\frac" in buffer.getvalue()
        assert "нет, تأجيل" in buffer.getvalue()


def test_a_line_breaks_after_a_hyphen_between_letters_and_nowhere_in_a_range() -> None:
    assert wrap_text("3 months post-intervention", 60, 8.5) == ["3 months", "post-", "intervention"]
    assert wrap_text("aged 60-70 years", 20, 8.5) == ["aged", "60-70", "years"]


def test_letters_shrink_until_the_longest_part_fits() -> None:
    sizes = (8.5, 7.5, 6.5)
    assert fitting_size(["one two"], 200, sizes) == 8.5
    chosen = fitting_size(["post-intervention"], text_width_points("intervention", 7.5), sizes)
    assert chosen == 7.5
    assert fitting_size(["intervention"], 1, sizes) == 6.5
