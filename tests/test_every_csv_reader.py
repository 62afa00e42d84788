"""Every reader of a CSV table reads what Excel makes of it: semicolons, tabs, and its own first line."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trialkit
from trialkit.analysis import difference
from trialkit.analysis.results_csv import COLUMNS
from trialkit.imaging.batch.manifest import read_manifest
from trialkit.imaging.muscle.grades import read_grades
from trialkit.imaging.readers.pairing import read_values
from trialkit.imaging.reading.labels import read_label_names
from trialkit.interchange.reading import read_table
from trialkit.prediction.reading import read_data
from trialkit.randomization.reveal import read_allocations
from trialkit.simulation.files import read_arms
from trialkit.study.dictionary import read_dictionary
from trialkit.study.labels import _words_of

pytestmark = pytest.mark.analytic

DICTIONARY = "Variable / Field Name,Form Name,Field Type,Field Label\nage,base,text,Age\n"
READERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "allocations": (read_allocations, "subject_id,stratum,sequence_number,arm\nA-001,A,1,x\nA-002,A,2,y\n"),
    "labels of a segmentation": (
        lambda path: read_label_names(path, path),
        "index,name,level\n1,Multifidus L4,L4\n2,Psoas,L4\n",
    ),
    "grades": (read_grades, "muscle,level,side,goutallier\nmultifidus,L4,left,2\n"),
    "manifest": (read_manifest, "scan,image,segmentation\ns1,a.nii,b.nii\ns2,c.nii,d.nii\n"),
    "arms of a simulation": (read_arms, "subject_id,arm,randomization_date\nA-001,x,2024-01-31\n"),
    "data of a prediction": (
        lambda path: read_data(path).to_dict(),
        "subject_id,age,y\n0041,60,1\n0042,61,0\n",
    ),
    "values of a reader": (
        lambda path: read_values(path).to_dict(),
        "scan,muscle,level,side,metric,method,value\ns1,psoas,L4,left,area,mask,12.5\n",
    ),
    "results of a run": (difference._read, f"{','.join(COLUMNS)}\nP1,t,r,g,v,s,1.5,\n"),
    "an entered table": (lambda path: (t := read_table(path)).columns + t.rows, "id,a\n1,x\n2,y\n"),
    "a dictionary": (lambda path: read_dictionary(path.read_text("utf-8")), DICTIONARY),
    "translations": (_words_of, "label,translation\nAge,Alter\n"),
}


@pytest.mark.parametrize(
    "hint", ["", "sep={mark}{end}", '"sep={mark}"{end}'], ids=["none", "plain", "quoted"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("reader", READERS)
def test_the_same_is_read_whatever_stands_between_the_cells(
    tmp_path: Path, reader: str, mark: str, end: str, hint: str
) -> None:
    read, text = READERS[reader]
    path = tmp_path / "table.csv"
    path.write_text(text, "utf-8")
    plain = read(path)
    changed = hint.format(mark=mark, end=end) + text.replace(",", mark).replace("\n", end)
    path.write_bytes(b"\xef\xbb\xbf" + changed.encode())
    if reader == "a dictionary":
        assert read_dictionary(changed).items == plain.items
    else:
        assert read(path) == plain


def test_a_line_named_is_that_of_the_file_with_excels_own_counted(tmp_path: Path) -> None:
    path = tmp_path / "arms.csv"
    path.write_text("sep=;\nsubject_id;arm\nA-001;x\nA-001;y\n")
    with pytest.raises(trialkit.errors.TrialkitError, match=r"arms.csv:4: "):
        read_arms(path)


def test_no_other_module_reads_delimited_text_by_itself() -> None:
    """A reader of its own would know neither: it belongs among those above, or reads what no person edits."""
    here = Path(trialkit.__file__).parent
    found = {
        str(path.relative_to(here))
        for path in here.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr)
        in {("csv", "reader"), ("csv", "DictReader"), ("pd", "read_csv"), ("pandas", "read_csv")}
    }
    assert found == {
        "analysis/difference.py",
        "imaging/readers/pairing.py",
        "imaging/texture/features.py",  # ships with the package
        "prediction/reading.py",
        "snapshot/files.py",  # held to its hash
        "strict_csv.py",
        "study/dictionary.py",
        "table_files/decoding.py",
        "table_files/delimited.py",
    }
