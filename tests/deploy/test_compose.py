"""The composition is valid and true to the code: every name, path, port and command in it exists."""

import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.settings import PREFIX, Settings
from controller.web.app import API_PREFIX

DOCKERFILES = ("Dockerfile.controller", "Dockerfile.agent")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (Path(__file__).parents[2] / "docker-compose.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def test_it_follows_the_compose_specification(repository: Path) -> None:
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    ended = subprocess.run([sys.executable, *command], cwd=repository, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_every_setting_it_gives_is_one_the_controller_reads(compose: dict[str, Any]) -> None:
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    known |= {f"{PREFIX}{field.name.upper()}_FILE" for field in fields(Settings) if field.metadata["secret"]}
    given = {name for service in ("controller", "access") for name in compose["services"][service]["environment"]}
    assert len(given) >= 8
    assert given - known == set()


def test_secrets_are_files_and_no_password_is_written_in_it(repository: Path, compose: dict[str, Any]) -> None:
    made = (repository / "deploy/docker/make-secrets.sh").read_text()
    made += (repository / "deploy/mosquitto/make-certificate.sh").read_text()
    for secret in compose["secrets"].values():
        assert Path(secret["file"]).name in made
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert name.endswith("_FILE") or "PASSWORD" not in name, f"{name}={value}"
        assert set(service.get("secrets", [])) <= set(compose["secrets"])


def test_every_file_it_mounts_or_builds_from_exists(repository: Path, compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (repository / source).exists() if source.startswith(".") else source in compose["volumes"]
        if "build" in service:
            assert (repository / service["build"]["dockerfile"]).is_file()


def test_every_service_is_unprivileged_and_watched(repository: Path, compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        if "build" in service:
            assert re.search(r"^USER loaxa$", (repository / service["build"]["dockerfile"]).read_text(), re.MULTILINE)
        else:
            assert service["user"] not in ("root", "0")
        assert "healthcheck" in service or name == "access", name


@pytest.mark.timeout(120)
def test_every_command_is_one_the_programs_know(compose: dict[str, Any]) -> None:
    for name, program in (("controller", "controller"), ("access", "controller"), ("agent", "edge_agent")):
        words = [word for word in compose["services"][name]["command"] if not word.startswith(("-", "/"))]
        ended = subprocess.run(
            [sys.executable, "-m", program, *words, "--help"], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        for option in (word for word in compose["services"][name]["command"] if word.startswith("--")):
            assert option in ended.stdout


def test_ports_are_the_ones_that_are_listened_on(repository: Path, compose: dict[str, Any]) -> None:
    broker = (repository / "deploy/mosquitto/mosquitto.conf").read_text()
    listeners = set(re.findall(r"^listener (\d+)$", broker, re.MULTILINE))
    assert {port.rsplit(":", 1)[1] for port in compose["services"]["broker"]["ports"]} <= listeners
    controller = compose["services"]["controller"]
    assert controller["environment"]["LOAXA_BROKER_URL"].rsplit(":", 1)[1] in listeners
    assert controller["ports"][0].rsplit(":", 1)[1] == controller["environment"]["LOAXA_HTTP_PORT"]
    assert f"{API_PREFIX}/openapi.json" in controller["healthcheck"]["test"][-1]


def test_the_example_environment_names_every_variable_and_no_other(repository: Path) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (repository / "docker-compose.yml").read_text()))
    told = set(re.findall(r"^([A-Z_]+)=", (repository / ".env.example").read_text(), re.MULTILINE))
    assert used == told


@pytest.mark.parametrize("name", DOCKERFILES)
def test_images_are_installed_by_the_very_steps_of_the_makefile(repository: Path, name: str) -> None:
    lines = (repository / "deploy/docker" / name).read_text().splitlines()
    targets = set(re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(), re.MULTILINE))
    defaults = dict(line.removeprefix("ARG ").split("=") for line in lines if line.startswith("ARG "))
    said = [line.replace("${SETUP}", defaults.get("SETUP", "")) for line in lines]
    made = [word for line in said for word in re.findall(r"\bmake ([a-z-]+)", line.partition("RUN")[2])]
    steps = [target for target in made if target in targets]
    assert steps in (["setup-controller", "assets"], ["setup-edge"])
    assert not any("pip " in line or "npm " in line for line in lines)
    for line in lines:
        if line.startswith("COPY") and "--from" not in line:
            for source in shlex.split(line)[1:-1]:
                assert (repository / source).exists(), source
