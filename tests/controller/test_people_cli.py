"""The way in for whoever is locked out: from the machine itself."""

from pathlib import Path

import pytest

from controller import clock
from controller.cli import BAD_INPUT, main
from controller.desk.accounts import FIRST_USER, Ledger, Visit
from controller.desk.refusal import Refusal
from controller.founding import open_site
from controller.settings import Settings


def test_person_reset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_site(Settings(data=tmp_path)).store
    ledger = Ledger(store, clock.now_ms)
    first = ledger.found()
    assert first
    with store.write() as unit:
        user = unit.people.by_username(FIRST_USER)
        assert user is not None
        unit.people.set_disabled(user.id, True)
        unit.people.set_totp(user.id, "JBSWY3DPEHPK3PXP", on=True)
    assert main(["person", "reset", "--name", "nobody", "--data", str(tmp_path)]) == BAD_INPUT
    assert "nobody" in capsys.readouterr().err
    arguments = ["person", "reset", "--name", FIRST_USER, "--data", str(tmp_path)]
    assert main(arguments) == 0
    name, password = capsys.readouterr().out.split()
    assert name == FIRST_USER
    with pytest.raises(Refusal):
        ledger.sign_in(FIRST_USER, first, Visit())
    half = ledger.sign_in(FIRST_USER, password, Visit())
    assert half.ticket, "the second factor is still asked for"
    assert main([*arguments, "--without-second-factor"]) == 0
    password = capsys.readouterr().out.split()[1]
    person = ledger.person(ledger.sign_in(FIRST_USER, password, Visit()).token)
    assert person is not None
    assert person.must_change_password
    with store.read() as unit:
        assert [each.who for each in unit.audit.walk() if each.action == "person.reset"] == ["command line"] * 2
    store.close()
