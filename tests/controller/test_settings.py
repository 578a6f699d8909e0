"""Settings are read once, secrets also from files, and docs/settings.md says the same as the code."""

from dataclasses import fields
from pathlib import Path

import pytest

from controller.settings import PREFIX, BadSetting, Settings, read_settings


def test_environment_and_command_line(tmp_path: Path) -> None:
    environment = {"LOAXA_HTTP_PORT": "9000", "LOAXA_SITE": "dam-ha", "LOAXA_DATA": str(tmp_path)}
    settings = read_settings(environment, {"http_port": 9001, "site": None})
    assert (settings.http_port, settings.site, settings.data) == (9001, "dam-ha", tmp_path)
    assert settings.database == f"sqlite:///{tmp_path / 'controller.db'}"


def test_secrets_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden\n")
    assert read_settings({"LOAXA_BROKER_PASSWORD_FILE": str(secret)}).broker_password == "hidden"
    with pytest.raises(BadSetting, match="LOAXA_BROKER_PASSWORD_FILE"):
        read_settings({"LOAXA_BROKER_PASSWORD_FILE": str(tmp_path / "none")})


def test_a_port_is_a_number() -> None:
    with pytest.raises(BadSetting, match="LOAXA_HTTP_PORT"):
        read_settings({"LOAXA_HTTP_PORT": "eighty"})


def table() -> str:
    """The table of docs/settings.md, from the code."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for each in fields(Settings):
        name = PREFIX + each.name.upper()
        names = f"`{name}` or `{name}_FILE`" if each.metadata["secret"] else f"`{name}`"
        default = f"`{each.default}`" if each.default != "" else ""
        lines.append(f"| {names} | {default} | {each.metadata['about']} |")
    return "\n".join(lines)


def test_the_documentation_is_the_code(repository: Path) -> None:
    assert table() in (repository / "docs" / "settings.md").read_text(encoding="utf-8")
