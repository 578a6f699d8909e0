"""The config file: read completely, or refused with a sentence and exit code 2."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.settings import BadSettings, load
from tests.rig.box import write_config
from tests.rig.site import Signer


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, Signer(), 1883)


def test_reads_what_speaker_add_writes(config: Path) -> None:
    settings = load(config)
    assert settings.speaker == "s-one"
    assert settings.data == config.parent / "data"
    assert settings.sound.recordings == config.parent / "recordings"
    assert settings.broker.password == "secret"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('speaker = "s-one"', 'speaker = "S One"', "speaker"),
        ('site = "test-site"', "", "site must be given"),
        ("port = 1883", "port = 0", "broker.port"),
        ("port = 1883", 'port = "1883"', "broker.port"),
        ("tls = false", "tls = 1", "broker.tls"),
        ('password_file = "password"', 'password_file = "nowhere"', "broker.password_file"),
        ('password_file = "password"', "", "broker.password"),
        ('sink = "wav"', 'sink = "horn"', "sound.sink"),
        ('sink = "wav"', 'sink = "wav"\nvolume = 3', "sound.volume"),
        ('seed_file = "agent.key"', 'seed_file = "password"', "64 hex digits"),
        ("[keys]", "[kez]", "kez"),
        ("[keys]", "[keys", "TOML"),
        ('ca_file = ""', 'ca_file = "none.pem"', "broker.ca_file"),
    ],
)
def test_a_bad_file_is_refused_by_field(config: Path, old: str, new: str, says: str) -> None:
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))
    with pytest.raises(BadSettings, match=says):
        load(config)


def test_a_key_that_others_can_read_is_refused(config: Path) -> None:
    (config.parent / "agent.key").chmod(0o644)
    with pytest.raises(BadSettings, match="chmod 600"):
        load(config)


def test_exit_code_2_and_a_sentence(config: Path) -> None:
    config.write_text("nonsense")
    words = [sys.executable, "-m", "edge_agent", "run", "--config", str(config)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "not valid TOML" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_box_loads_nothing_heavy() -> None:
    """What the agent imports is in its small extra: no NumPy, no web framework, no database server."""
    code = (
        "import sys, edge_agent.startup, edge_agent.__main__, edge_agent.sinks.card;"
        "heavy = {'numpy', 'pydub', 'fastapi', 'sqlalchemy', 'dateutil', 'amqtt', 'controller', 'espeakng_loader'};"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "[]"
