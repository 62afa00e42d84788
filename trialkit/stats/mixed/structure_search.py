"""Fitting covariance structures in a stated order, until one is determined by the data and converges."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.errors.base import TrialkitError
from trialkit.stats.columns import CodedColumn
from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import ConvergenceError
from trialkit.stats.mixed.marginal import RepeatedMeasures
from trialkit.stats.mixed.optimum import Convergence, find_maximum
from trialkit.stats.mixed.panel import Panel, make_panel
from trialkit.stats.mixed.rotation import Rotation, rotated
from trialkit.stats.mixed.starts import starting_points, why_not
from trialkit.stats.mixed.state import MixedState
from trialkit.stats.mixed.structures import StructureName, make_structure
from trialkit.stats.mixed.visits import UndeterminedCovarianceError, Visits, require_determined
from trialkit.wording import said


@dataclass(frozen=True)
class Fitted:
    """The maximum under the first structure that has one; its covariance over visits, one matrix a group."""

    structure: StructureName
    rotation: Rotation
    state: MixedState
    convergence: Convergence
    matrices: tuple[FloatArray, ...]
    not_fitted: tuple[tuple[StructureName, str], ...]


def first_fitted(
    structures: tuple[StructureName, ...],
    design: Design,
    visits: Visits,
    declared: CodedColumn,
    restricted: bool,
) -> Fitted:
    """Try the structures in order.

    Raises
    ------
    UndeterminedCovarianceError, ConvergenceError
        The only structure's own error, or one that names them all.
    """
    rotation = rotated(design)
    panels = _panels(rotation, visits)
    passed: list[tuple[StructureName, TrialkitError]] = []
    for name in structures:
        try:
            require_determined(visits, declared, name)
            model = _model(name, panels, rotation, len(visits.levels), restricted)
            state, convergence = _maximum(
                model, said("mmrm {text!r}, covariance {name}", text=design.formula.text, name=name), visits
            )
        except (ConvergenceError, UndeterminedCovarianceError) as error:
            passed.append((name, error))
            continue
        matrices = tuple(model.structure.matrix(own) for own in model.split(state.parameters))
        reasons = tuple((tried, error.found) for tried, error in passed)
        return Fitted(name, rotation, state, convergence, matrices, reasons)
    raise _none_fitted(passed, design)


def _panels(rotation: Rotation, visits: Visits) -> tuple[Panel, ...]:
    m = len(visits.levels)
    panels = []
    for code in range(len(visits.group_levels)):
        rows = visits.group == code
        panels.append(make_panel(rotation.columns[rows], visits.subject[rows], visits.visit[rows], m))
    return tuple(panels)


def _model(
    name: StructureName, panels: tuple[Panel, ...], rotation: Rotation, visits: int, restricted: bool
) -> RepeatedMeasures:
    n, columns = rotation.columns.shape
    structure = make_structure(name, visits)
    return RepeatedMeasures(panels, structure, n, columns - 1, restricted, rotation.log_jacobian)


def _maximum(model: RepeatedMeasures, what: str, visits: Visits) -> tuple[MixedState, Convergence]:
    return find_maximum(
        model, starting_points(model), what, lambda parameters: why_not(model, parameters, visits.levels)
    )


def _none_fitted(passed: list[tuple[StructureName, TrialkitError]], design: Design) -> TrialkitError:
    if len(passed) == 1:
        return passed[0][1]
    return ConvergenceError(
        expected="a structure of the list that the data determine and whose fit converges",
        found="; ".join(f"{name}: {error.found}" for name, error in passed),
        where=said("mmrm {text!r}", text=design.formula.text),
        next_step=passed[-1][1].next_step,
    )
