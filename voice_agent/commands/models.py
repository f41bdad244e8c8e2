"""``voice-agent models``: pull, list and verify the model files."""

from __future__ import annotations

from functools import partial
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from voice_agent.commands.output import Output
from voice_agent.models.catalogue import CATALOGUE, Model, defaults, find
from voice_agent.models.pull import field_sources
from voice_agent.models.pull import pull as pull_models
from voice_agent.models.sources import HUB
from voice_agent.models.store import ModelStore
from voice_agent.settings import load_settings

app = typer.Typer(help="Pull, list and verify the models.")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Names = Annotated[list[str] | None, typer.Argument(help="Names as in `voice-agent models list`.")]


@app.command()
def pull(
    names: Names = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every model there is.")] = False,
    hub: Annotated[str, typer.Option(help="The Hugging Face hub, or a mirror of it.")] = HUB,
    json: Json = False,
) -> None:
    """Get model files that are missing: those the defaults need, or those named.

    With --json one object a file that was fetched: model, file.
    """
    output = Output(json)
    store = ModelStore(load_settings().models_dir)
    if everything:
        models = tuple(CATALOGUE.values())
    else:
        models = tuple(find(name) for name in names) if names else defaults()
    with _Bar(output) as bar:
        fetched = pull_models(models, store, bar, partial(field_sources, endpoint=hub))
    for path in fetched:
        model, file = path.split("/", 1)
        output.result({"model": model, "file": file}, f"{path}: fetched")
    if not fetched and all(store.is_present(model) for model in models):
        output.note(f"Nothing to fetch: {store.directory} has everything.")


@app.command("list")
def list_models(*, json: Json = False) -> None:
    """Show the catalogue and what of it is here.

    With --json one object a model: model, kind, language, present, default, bytes, directory,
    about.
    """
    output = Output(json)
    store = ModelStore(load_settings().models_dir)
    for model in CATALOGUE.values():
        present = store.is_present(model)
        record = {
            "model": model.name,
            "kind": model.kind,
            "language": model.language,
            "present": present,
            "default": model.default,
            "bytes": _size(model),
            "directory": str(store.path(model)),
            "about": model.about,
        }
        output.result(record, f"{'here' if present else '-':<5} {model.name:<24} {model.about}")


@app.command()
def verify(names: Names = None, *, json: Json = False) -> None:
    """Hash the model files that are here, or all files of the models named.

    Leaves with status 1 if one is missing or wrong. A model that can be done
    without is no fault when it is not here, unless it is named: its state is
    optional. With --json one object a file: model, file, state (ok, missing,
    optional, wrong, unpinned), expected, found.
    """
    output = Output(json)
    store = ModelStore(load_settings().models_dir)
    if names:
        models = [find(name) for name in names]
    else:
        models = [model for model in CATALOGUE.values() if model.default or store.has_any(model)]
    faults = 0
    for verdict in store.verify(models):
        model = CATALOGUE[verdict.model]
        excused = verdict.state == "missing" and model.optional and not names
        state = "optional" if excused else verdict.state
        faults += state in {"missing", "wrong"}
        record = {
            "model": verdict.model,
            "file": verdict.file,
            "state": state,
            "expected": verdict.expected,
            "found": verdict.found,
        }
        detail = (
            f" (expected {verdict.expected}, found {verdict.found})"
            if verdict.state == "wrong"
            else ""
        )
        output.result(record, f"{state:<8} {verdict.model}/{verdict.file}{detail}")
    if faults:
        raise typer.Exit(1)


def _size(model: Model) -> int | None:
    """Bytes of all files, where all are known."""
    sizes = [file.size for file in model.files]
    return sum(size for size in sizes if size is not None) if None not in sizes else None


class _Bar:
    """A progress bar on standard error if that is a terminal. Implements ``Watcher``."""

    def __init__(self, output: Output) -> None:
        self._output = output
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._refusal: str | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def begin(self, name: str, size: int | None) -> None:
        """Show a bar for this file, below why an earlier source did not give it."""
        if self._refusal is not None:
            self._print(self._refusal)
            self._refusal = None
        self._task = self._progress.add_task(name, total=size)

    def advance(self, count: int) -> None:
        """Move it."""
        if self._task is not None:
            self._progress.advance(self._task, count)

    def end(self) -> None:
        """Take it away."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None

    def note(self, text: str) -> None:
        """Print a line above it.

        What is noted of a file on its way is a source's refusal. It waits for the next source:
        if there is none, the verdict that follows says the same, and one line is enough.
        """
        if self._task is not None:
            self._refusal = text
        else:
            self._refusal = None
            self._print(text)

    def _print(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)
