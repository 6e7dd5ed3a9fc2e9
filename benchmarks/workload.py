"""A case: the words of a command line, and how to make the files that they name.

Cases are data, in cases/*.json. Tables of structure factors are written when they are needed, from recipes
that give the same text everywhere. Nothing here is timed, and nothing here imports JAX.
"""

import gzip
import itertools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE / "cases"
PACKAGED = HERE.parent / "jaxbragg" / "data"


@dataclass(frozen=True)
class Case:
    """One image to compute.

    Attributes:
      name: file name without ending.
      title: what is special about it.
      argv: words of the command line, without output options; file names are relative.
      files: recipe of every file that `argv` names.
      targets: how many times faster than a rival each precision is meant to be.
    """

    name: str
    title: str
    argv: tuple[str, ...]
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def load_cases(words: Sequence[str]) -> list[Case]:
    """The cases that words select, each once.

    Args:
      words: a case (`W3_50`), the beginning of several (`W3`), or the path of a JSON file; none is all.

    Raises:
      ValueError: there is no such case.
    """
    paths: dict[str, Path] = {}
    for word in words or [""]:
        found = [Path(word)] if word.endswith(".json") else sorted(_named(word), key=_in_order)
        if not found:
            known = ", ".join(sorted((path.stem for path in FOLDER.glob("*.json")), key=_in_order))
            raise ValueError(f"`--cases` must be among {known}, or a JSON file; got {word!r}")
        paths.update((path.stem, path) for path in found)
    return [read_case(path) for path in paths.values()]


def _named(word: str) -> Iterator[Path]:
    for path in FOLDER.glob("*.json"):
        if word in ("", path.stem) or path.stem.startswith(f"{word}_"):
            yield path


def _in_order(path: str | Path) -> tuple[str, int]:
    """W3_50 before W3_1000."""
    head, _, number = Path(path).stem.partition("_")
    return head, int(number or 0)


def read_case(path: Path) -> Case:
    """The case in a JSON file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Case(path.stem, raw["title"], tuple(raw["argv"]), raw.get("files", {}), raw.get("targets", {}))


def write_files(case: Case, folder: Path) -> None:
    """Write every file that a case names into a folder."""
    for name, recipe in case.files.items():
        (folder / name).write_text(RECIPES[recipe["recipe"]](recipe), encoding="ascii")


def _packaged(recipe: Mapping[str, Any]) -> str:
    """A table that jaxbragg ships, unpacked for programs that cannot."""
    with gzip.open(PACKAGED / recipe["name"], "rt", encoding="ascii") as lines:
        return lines.read()


def _box(recipe: Mapping[str, Any]) -> str:
    """Every reflection between two corners, with amplitudes that are equally likely up to the largest."""
    draw = random.Random(recipe["seed"])
    ranges = (range(low, high + 1) for low, high in zip(*recipe["corners"], strict=True))
    return _lines((*hkl, draw.random() * recipe["largest_f"]) for hkl in itertools.product(*ranges))


def _scattered(recipe: Mapping[str, Any]) -> str:
    """The two corners of a box and some reflections in it: a large table from a short file."""
    draw = random.Random(recipe["seed"])
    low, high = recipe["corners"]
    inside = ([draw.randint(a, b) for a, b in zip(low, high, strict=True)] for _ in range(recipe["count"]))
    return _lines((*hkl, draw.random() * recipe["largest_f"]) for hkl in (low, high, *inside))


def _lines(reflections: Iterator[tuple[Any, ...]]) -> str:
    return "".join(f"{h} {k} {l} {f:.4f}\n" for h, k, l, f in reflections)


RECIPES = {"packaged": _packaged, "box": _box, "scattered": _scattered}
"""Ways to make a file, by the name that cases use."""
