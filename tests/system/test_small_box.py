"""The box installs with its own lock alone and starts: no web framework, no database server, no speech engine."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROOMS = ("schedules", "protocol", "audio", "edge_agent")
START = """
import json, sys
import edge_agent.__main__, edge_agent.startup, edge_agent.sinks.wav, edge_agent.sinks.card
print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))
"""
NOT_ON_A_BOX = {
    "fastapi",
    "sqlalchemy",
    "alembic",
    "amqtt",
    "apscheduler",
    "uvicorn",
    "jinja2",
    "numpy",
    "pydub",
    "dateutil",
}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rooms of a box and an environment from requirements/edge.txt, and nothing else."""
    repository = Path(__file__).parents[2]
    folder = tmp_path_factory.mktemp("box")
    for room in ROOMS:
        shutil.copytree(repository / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    lock = str(repository / "requirements" / "edge.txt")
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes"]
    subprocess.run([*pip, "-r", lock], check=True, timeout=250)
    return folder


def python(box: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(box / "venv/bin/python"), *arguments]
    return subprocess.run(command, cwd=box, capture_output=True, text=True, timeout=60, check=False)


def test_everything_the_agent_imports_is_there(box: Path) -> None:
    ended = python(box, "-c", START)
    assert ended.returncode == 0, ended.stderr
    assert set(json.loads(ended.stdout)) & (NOT_ON_A_BOX | {"controller"}) == set()


def test_the_agent_starts_and_judges_its_config(box: Path) -> None:
    (box / "agent.toml").write_text('site = "x"\n')
    ended = python(box, "-m", "edge_agent", "run", "--config", "agent.toml")
    assert ended.returncode == 2, ended.stderr
    assert "speaker" in ended.stderr
    assert "Traceback" not in ended.stderr
