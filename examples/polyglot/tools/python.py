# SPDX-License-Identifier: MIT
"""What this repository asks of its Python package, with nothing to install.

    python3 tools/python.py lint|format|types|build|security|docs PACKAGE

A real repository would have ruff, mypy and the like here; these few lines do
the same kind of work, so that the example runs wherever there is Python.
"""

import ast
import sys
import zipfile
from pathlib import Path
from typing import Callable, Dict, Iterator, List

BUILD = Path("build")
DANGEROUS = {"eval", "exec", "compile", "__import__"}


def sources(package: Path) -> List[Path]:
    """All Python files below a folder, in a fixed order."""
    return sorted(package.rglob("*.py"))


def report(problems: Iterator[str]) -> int:
    """Prints what is wrong; 1 where anything is."""
    found = list(problems)
    for line in found:
        print(line)
    return 1 if found else 0


def lint(package: Path) -> Iterator[str]:
    """Lines that are too long, imports that nobody uses, bare excepts."""
    for path in sources(package):
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > 80:
                yield f"{path}:{number}: more than 80 characters"
        tree = ast.parse(text, str(path))
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                yield f"{path}:{node.lineno}: except without a class"
            if not isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            for name in node.names:
                bound = (name.asname or name.name).split(".")[0]
                if bound not in used and path.name != "__init__.py":
                    yield f"{path}:{node.lineno}: {bound} is not used"


def reformat(package: Path) -> Iterator[str]:
    """No blanks at the end of a line, one newline at the end of a file."""
    for path in sources(package):
        old = path.read_text(encoding="utf-8")
        lines = [line.rstrip() for line in old.expandtabs(4).splitlines()]
        new = "\n".join(lines).rstrip("\n") + "\n"
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"{path}: formatted")
    yield from ()


def types(package: Path) -> Iterator[str]:
    """Every argument and every result says of which type it is."""
    for path in sources(package):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            if node.returns is None:
                yield f"{path}:{node.lineno}: {node.name} has no result type"
            for argument in node.args.args + node.args.kwonlyargs:
                if argument.annotation is None and argument.arg != "self":
                    yield (f"{path}:{node.lineno}: {node.name}: "
                           f"{argument.arg} has no type")


def build(package: Path) -> Iterator[str]:
    """An archive that Python runs, the same bytes from the same sources."""
    BUILD.mkdir(exist_ok=True)
    with zipfile.ZipFile(BUILD / "settings.pyz", "w") as archive:
        start = ("import sys\nfrom settings.__main__ import main\n"
                 "sys.exit(main(sys.argv[1:]))\n")
        contents = {"__main__.py": start}
        for path in sources(package / "settings"):
            text = path.read_text(encoding="utf-8")
            ast.parse(text, str(path))
            contents[path.relative_to(package).as_posix()] = text
        for name, text in contents.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    print(f"built {BUILD / 'settings.pyz'}")
    yield from ()


def security(package: Path) -> Iterator[str]:
    """Calls that run what they are handed as code."""
    for path in sources(package):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "")
            shell = any(k.arg == "shell" for k in node.keywords)
            if name in DANGEROUS or shell:
                yield f"{path}:{node.lineno}: runs text as code"


def docs(package: Path) -> Iterator[str]:
    """A page from the first lines of the doc strings."""
    lines = [f"# {package.name}", ""]
    for path in sources(package / "settings"):
        if path.stem.startswith("__"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        about = (ast.get_docstring(tree) or "").split("\n")[0]
        lines += [f"## {path.stem}", "", about, ""]
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                about = ast.get_docstring(node)
                if about is None:
                    yield f"{path}:{node.lineno}: {node.name} says nothing"
                else:
                    first = about.split("\n")[0]
                    lines += [f"- `{node.name}`: {first}"]
        if lines[-1]:
            lines += [""]
    page = BUILD / "docs" / "config.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(lines), encoding="utf-8")


WORK: Dict[str, Callable[[Path], Iterator[str]]] = {
    "lint": lint, "format": reformat, "types": types,
    "build": build, "security": security, "docs": docs,
}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in WORK:
        sys.exit(f"usage: python.py {'|'.join(WORK)} PACKAGE")
    sys.exit(report(WORK[sys.argv[1]](Path(sys.argv[2]))))
