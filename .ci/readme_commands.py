"""Print the shell commands of README.md that follow a marker comment such as `<!-- ci: test -->`."""

import re
import sys
from pathlib import Path

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def commands(marker: str) -> str:
    """The fenced block behind every `<!-- ci: MARKER -->`, joined."""
    blocks = re.findall(rf"<!-- ci: {re.escape(marker)} -->\s*```\w*\n(.*?)```", TEXT, re.DOTALL)
    if not blocks:
        raise SystemExit(f"README.md has no block marked <!-- ci: {marker} -->")
    return "".join(blocks)


if __name__ == "__main__":
    print(commands(sys.argv[1]), end="")
