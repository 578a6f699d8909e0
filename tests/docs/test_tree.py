"""House rules that a machine can hold: no registry host, no path of one machine, documents true to the code."""

import re
import subprocess
from pathlib import Path

import pytest

# Spelled in pieces, so that this file does not break the rule it holds.
HOSTS = ("registry." + "npmjs.org", "files.python" + "hosted.org", "pypi" + ".org", "deb." + "debian.org")
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm)/")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def committed(repository: Path) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    return [repository / name for name in names if name and (repository / name).is_file()]


def texts(repository: Path) -> list[tuple[Path, str]]:
    found = []
    for path in committed(repository):
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # pictures and golden bytes
    assert len(found) > 50
    return found


def test_no_package_registry_is_named(repository: Path) -> None:
    assert [str(path) for path, text in texts(repository) if any(host in text for host in HOSTS)] == []


def test_no_path_of_one_machine_is_named(repository: Path) -> None:
    named = [path for path, text in texts(repository) if MACHINE_PATH.search(text)]
    assert [str(path) for path in named] == []


def test_every_module_says_what_it_is_for(repository: Path) -> None:
    silent = [
        str(path.relative_to(repository))
        for path, text in texts(repository)
        if path.suffix == ".py" and text.strip() and not text.lstrip().startswith(('"""', 'r"""', "#!"))
    ]
    assert silent == []


def markdown(repository: Path) -> list[Path]:
    return [path for path in committed(repository) if path.suffix == ".md"]


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    dead = [
        f"{path.relative_to(repository)}: {target}"
        for path in markdown(repository)
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert dead == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/install.md", "docs/mqtt.md"])
def test_every_make_command_in_the_documents_exists(repository: Path, document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\n)\s*make ([a-z-]+)", (repository / document).read_text(encoding="utf-8")))
    assert named - targets == set()


def test_readme_names_the_commands_that_the_build_machine_runs(repository: Path) -> None:
    assert "make test" in (repository / ".ci" / "run").read_text()
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme


def test_every_variable_of_the_makefile_is_explained_in_the_readme_or_its_help(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text()
    exported = re.search(r"^export (.+)$", makefile, re.MULTILINE)
    assert exported is not None
    told = "\n".join(line for line in makefile.splitlines() if "## " in line)
    assert [name for name in exported.group(1).split() if f"{name}=" not in told] == []
