"""The structure that DESIGN asks for: imports point one way, no module is a god file, no key opens no socket."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "agent" / "forbear"
#: Each layer may import itself and those before it: domain, what travels, nodes, graph, edges.
LAYERS = (
    {"situation", "words", "restraint", "framework", "errors", "people"},
    {"state", "ladder", "deps", "resources", "frontmatter", "config", "knowledge", "prompts", "lint", "lint_report"},
    {"encoder", "embedders", "index", "store", "engines", "fakes"},
    {"screen", "retrieve", "classify", "reply", "check"},
    {"graph", "sessions"},
    {"coach", "doctor", "sheet", "sheet_report"},
    {"terminal", "cli", "cli_common", "cli_words", "__main__", "__init__"},
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
#: Modules whose every import must be the standard library, pydantic, or the domain itself.
DOMAIN = LAYERS[0]


def imports(path: Path, *, at_top: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if at_top else list(ast.walk(tree))
    found = {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module}
    names = {
        f"{n.module}.{a.name}"
        for n in nodes
        if isinstance(n, ast.ImportFrom) and n.module == "forbear"
        for a in n.names
    }
    return found - {"forbear"} | names | {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    for name in imports(path):
        if name.startswith("forbear."):
            target = name.split(".")[1]
            # The embedders borrow the openai engine's client: same layer. Type-only imports count as well.
            assert RANK[target] <= RANK[room(path)], f"{room(path)} imports {target}"


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) in DOMAIN], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_the_domain_imports_nothing_but_the_standard_library_and_pydantic(path: Path) -> None:
    for name in imports(path):
        top = name.split(".")[0]
        assert top in sys.stdlib_module_names or top == "pydantic" or name.split(".")[:1] == ["forbear"], name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_config_and_doctor_look_at_the_environment(path: Path) -> None:
    assert room(path) == "config" or "environ[" not in path.read_text().replace("environ.", "environ[")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_god_files(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 330


NO_SOCKET = """
import socket, sys
from pathlib import Path

class Guarded(socket.socket):
    def __init__(self, family=-1, *args, **kwargs):
        if family != socket.AF_UNIX:
            sys.exit("a socket was opened without a key")
        super().__init__(family, *args, **kwargs)

socket.socket = Guarded  # before anything of ours, or of our dependencies, is imported
from forbear.coach import Coach
from forbear.config import Settings

coach = Coach(Settings(engine="auto", data_dir=Path(sys.argv[1])))
first = coach.ask("I gave her the rota and I keep opening it.")
coach.ask("Just tell me what to do.", first.session)
coach.read("He took the stall over and it went well.")
assert coach.retriever.search("stepping in", 3)
print("quiet")
"""


def test_no_socket_without_a_key(tmp_path: Path) -> None:
    """In a process of its own, the index built afresh and every import included."""
    done = subprocess.run([sys.executable, "-c", NO_SOCKET, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "quiet"), done.stderr
