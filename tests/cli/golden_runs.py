"""Runs of the program of which every file was saved: command line, input files, and what it wrote.

The files lie where the tests of the images and of the formats need them; those that neither needs are in
golden_io/ beside this file. Command lines and reports stand next to the first two.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]
FOLDERS = (TESTS / "images" / "golden", TESTS / "io" / "golden", TESTS / "cli" / "golden_io")
INPUTS = ("m.img", "a.hkl")


@dataclass(frozen=True)
class GoldenRun:
    """One run of the program.

    Attributes:
      argv: its words.
      report: lines that it printed.
      inputs: files that it read.
      outputs: files that it wrote.
    """

    argv: tuple[str, ...]
    report: tuple[str, ...]
    inputs: dict[str, Path]
    outputs: dict[str, Path]

    def prepare(self, folder: Path) -> None:
        """Put the input files into a folder."""
        for path in self.inputs.values():
            shutil.copy(path, folder)


def load_runs() -> dict[str, GoldenRun]:
    """All runs by name."""
    listed = {
        **json.loads((FOLDERS[0] / "cases.json").read_text()),
        **json.loads((FOLDERS[1] / "commands.json").read_text()),
    }
    return {name: _run(name, facts["command"], facts["report"]) for name, facts in listed.items()}


def _run(name: str, command: str, report: list[str]) -> GoldenRun:
    files = {path.name: path for folder in FOLDERS for path in sorted(folder.glob(f"{name}/*"))}
    return GoldenRun(
        argv=tuple(command.split()[1:]),
        report=tuple(report),
        inputs={file: path for file, path in files.items() if file in INPUTS},
        outputs={file: path for file, path in files.items() if file not in INPUTS},
    )
