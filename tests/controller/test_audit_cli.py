"""`python -m controller audit …`: the commands, their answers and how they end."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from controller.chain import read_head
from controller.cli import main


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A site with two rows of audit: it was laid out and got a monitor, both by commands."""
    folder = tmp_path / "data"
    assert main(["seed", "dam-ha", "--data", str(folder)]) == 0
    assert main(["monitor", "add", "--name", "xem", "--data", str(folder)]) == 0
    capsys.readouterr()
    return folder


def run(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str) -> tuple[int, str]:
    code = main(["audit", *arguments, "--data", str(data)])
    told = capsys.readouterr()
    return code, told.out + told.err


def sql(data: Path, statement: str) -> None:
    with sqlite3.connect(data / "controller.db") as database:
        database.execute(statement)
    database.close()


def test_a_kept_head_vouches(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(capsys, data, "head")
    kept = tmp_path / "head.json"
    kept.write_text(told)
    assert (code, read_head(told).n) == (0, 2)
    code, told = run(capsys, data, "verify", "--head", str(kept))
    assert (code, told.splitlines()[0].startswith("sound: 2 rows")) == (0, True)
    assert len(told.splitlines()) == 1
    sql(data, "DELETE FROM audit WHERE n = 2")
    code, told = run(capsys, data, "verify")
    assert (code, len(told.splitlines())) == (0, 2), "says that without a head it cannot know"
    code, told = run(capsys, data, "verify", "--head", str(kept))
    assert (code, told.splitlines()) == (
        1,
        ["row 1: the audit ends here, before the exported head", "DAMAGED: 1 rows"],
    )


def test_an_alteration(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql(data, "UPDATE audit SET who = 'nobody' WHERE n = 1")
    code, told = run(capsys, data, "verify")
    assert (code, told.splitlines()) == (1, ["row 1: its content was changed", "DAMAGED: 2 rows"])


def test_what_cannot_be_checked(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake of the caller is neither sound nor damaged, and makes no new site."""
    nowhere = tmp_path / "nowhere"
    assert run(capsys, nowhere, "verify")[0] == 2
    assert not nowhere.exists()
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(b"\xff")
    assert run(capsys, data, "verify", "--head", str(wrong))[0] == 2
    assert run(capsys, data, "verify", "--head", str(tmp_path / "none"))[0] == 2
    wrong.write_text(run(capsys, data, "head")[1].replace('"loaxa"', '"other"'))
    code, told = run(capsys, data, "verify", "--head", str(wrong))
    assert (code, "another site" in told) == (2, True)
    sql(data, "DROP TABLE audit")
    code, told = run(capsys, data, "verify")
    assert (code, "cannot be read" in told) == (2, True)


def test_exports(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in run(capsys, data, "export")[1].splitlines()]
    assert [(row["n"], row["who"], row["action"]) for row in rows] == [
        (1, "command line", "area.seed"),
        (2, "command line", "monitor.add"),
    ]
    table = run(capsys, data, "export", "--format", "csv")[1]
    assert [row["hash"] for row in csv.DictReader(io.StringIO(table.lstrip("\ufeff")))] == [row["hash"] for row in rows]
