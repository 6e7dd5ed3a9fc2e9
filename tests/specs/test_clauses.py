"""Every clause of the specification has a test, and every marker names a clause."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLAUSE = re.compile(r"^\*\*([A-Z]+-\d+)\b", re.MULTILINE)
CITATION = re.compile(r"\b[A-Z]{2,}-\d+\b")


def clauses() -> list[str]:
    """Numbers of all clauses, in the order of the files."""
    return [number for path in sorted(ROOT.glob("specs/*.md")) for number in CLAUSE.findall(path.read_text())]


def markers() -> dict[str, str]:
    """Clauses that `pytest.mark.spec` names, with one place for each."""
    found = {}
    for path in sorted(ROOT.glob("tests/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.spec":
                for argument in node.args:
                    found[ast.literal_eval(argument)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def families() -> set[str]:
    return {number.split("-")[0] for number in clauses()}


def by_family(numbers: set[str]) -> list[str]:
    return sorted(numbers, key=lambda number: (number.split("-")[0], int(number.split("-")[1])))


def test_every_clause_has_a_test():
    untested = by_family(set(clauses()) - set(markers()))
    assert not untested, f"{len(untested)} clauses without a test: {' '.join(untested)}"


def test_every_marker_names_a_clause():
    unknown = {number: place for number, place in markers().items() if number not in clauses()}
    assert not unknown


def test_no_number_is_used_twice():
    numbers = clauses()
    assert len(numbers) == len(set(numbers))


def test_numbers_of_a_family_have_no_gaps():
    for family in families():
        counted = [int(n.split("-")[1]) for n in clauses() if n.startswith(f"{family}-")]
        assert counted == list(range(1, len(counted) + 1)), family


def test_clauses_cited_in_the_code_and_in_the_specification_exist():
    known, wrong = set(clauses()), {}
    for path in [*ROOT.glob("jaxbragg/**/*.py"), *ROOT.glob("specs/*.md")]:
        for number in CITATION.findall(path.read_text()):
            if number.split("-")[0] in families() and number not in known:
                wrong[number] = str(path.relative_to(ROOT))
    assert not wrong


def test_docstrings_cite_clauses_of_the_file_they_name():
    home = {}
    for path in ROOT.glob("specs/*.md"):
        for number in CLAUSE.findall(path.read_text()):
            home[number.split("-")[0]] = home.get(number.split("-")[0], set()) | {path.name}
    for path in ROOT.glob("jaxbragg/**/*.py"):
        for file, cited in re.findall(r"specs/(\w+\.md)(?: ([A-Z]+)-\d+)?", path.read_text()):
            assert (ROOT / "specs" / file).exists(), f"{path}: {file}"
            assert not cited or file in home[cited], f"{path}: {file} {cited}"


def test_the_reading_order_lists_every_file():
    listed = re.findall(r"^\| \[(\w+\.md)\]", (ROOT / "specs/README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(p.name for p in ROOT.glob("specs/*.md") if p.name != "README.md")
