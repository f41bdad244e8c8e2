"""The panels of a report in one small SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from tests.bench.section import Panel

# Tell apart by colour-blind readers too, and by line style and marker in black and white.
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
_STYLES: Final = ("-", "--", "-.", ":")
_MARKERS: Final = ("o", "s", "^", "D")
_FEW: Final = 12
"""Points up to which each gets a marker."""

_ACROSS: Final = 2


def draw(panels: Sequence[Panel], file: Path) -> None:
    """Write the picture; the same panels make the same file."""
    lines = -(-len(panels) // _ACROSS)
    with mpl.rc_context({"svg.hashsalt": "voice-agent", "svg.fonttype": "none", "font.size": 9.0}):
        figure = Figure(figsize=(9, 3.2 * lines), layout="constrained")
        axes = list(figure.subplots(lines, _ACROSS, squeeze=False).flat)
        for axis, panel in zip(axes, panels, strict=False):
            _draw(axis, panel)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()
        figure.savefig(file, format="svg", metadata={"Date": None}, facecolor="white")


def _draw(axis: Axes, panel: Panel) -> None:
    axis.set_title(panel.title)
    axis.set_xlabel(panel.across)
    axis.set_ylabel(panel.up)
    for number, curve in enumerate(panel.curves):
        kind = number % len(_COLOURS)
        across, up = zip(*curve.points, strict=True)
        marker = _MARKERS[kind] if len(curve.points) <= _FEW else ""
        axis.plot(
            across,
            up,
            color=_COLOURS[kind],
            linestyle=_STYLES[kind],
            marker=marker,
            label=curve.name,
        )
    if panel.logarithmic:
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(ScalarFormatter())
    for name, limit in panel.wanted:
        line = axis.axvline if panel.limits_across else axis.axhline
        line(limit, color="#888888", linewidth=0.8)
        at = (limit, 0.02) if panel.limits_across else (0.99, limit)
        axis.annotate(
            f"{name}: {limit:,g}",
            at,
            color="#555555",
            fontsize=8,
            xycoords=("data", "axes fraction")
            if panel.limits_across
            else ("axes fraction", "data"),
            xytext=(3, 2),
            textcoords="offset points",
            ha="left" if panel.limits_across else "right",
            va="bottom",
        )
    axis.margins(y=0.1)
    axis.set_ylim(bottom=0)
    if not panel.logarithmic:
        axis.set_xlim(left=0)
    axis.grid(visible=True, color="#dddddd", linewidth=0.5)
    axis.legend(frameon=False)
