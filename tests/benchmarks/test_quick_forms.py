"""The quick form of every benchmark runs, and the peers come to the same numbers."""

from __future__ import annotations

import shutil

import pytest

from benchmarks import run
from benchmarks.measure import NotHere, PythonPeer
from benchmarks.run import METHODS, Wanted


def rows_of(method, wanted):
    for measure in run.measures_of(method):
        try:
            yield from run.rows_of(method, measure, wanted)
        except NotHere as why:
            pytest.skip(str(why))


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("method", METHODS)
def test_trialkit_and_its_peers_in_python_agree(method):
    for row in rows_of(method, Wanted(quick=True, in_r=False, rehearsed=False)):
        assert row.ours.seconds > 0
        for beside in row.beside:
            if isinstance(beside.peer, PythonPeer):
                assert not beside.failed, beside.note
                assert beside.seconds is not None


@pytest.mark.long
@pytest.mark.external_reference
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("method", METHODS)
def test_trialkit_and_its_peers_in_r_agree(method):
    for row in rows_of(method, Wanted(quick=True, slow=True)):
        assert [beside.note for beside in row.beside if beside.failed] == []
