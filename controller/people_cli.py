"""The command `person reset`: a way in for whoever is locked out and has nobody left to ask."""

import argparse
import secrets
import sys
from typing import Any

from argon2 import PasswordHasher

from controller import clock
from controller.acts import record_command
from controller.desk.second_factor import forget_second_factor
from controller.founding import open_site
from controller.settings import Settings

BAD_INPUT = 2


def _reset(settings: Settings, parsed: argparse.Namespace) -> int:
    password = secrets.token_urlsafe(12)
    hashed = PasswordHasher().hash(password)
    store = open_site(settings).store
    try:
        with store.write() as unit:
            user = unit.people.by_username(parsed.name)
            if user is None or user.oidc_subject:
                print(f"loaxa: {parsed.name} is nobody who signs in here with a password", file=sys.stderr)
                return BAD_INPUT
            unit.people.set_password(user.id, hashed, must_change=True)
            unit.people.set_disabled(user.id, False)
            unit.people.end_sessions_of(user.id)
            if parsed.without_second_factor:
                forget_second_factor(unit, user.id)
            told = {"second_factor_removed": bool(parsed.without_second_factor)}
            record_command(unit, clock.now_ms(), "person.reset", f"person:{user.username}", told)
    finally:
        store.close()
    print(f"{parsed.name} {password}")
    return 0


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Put `person …` into the parser of commands."""
    person = commands.add_parser("person", help="people").add_subparsers(required=True, metavar="what")
    reset = person.add_parser("reset", parents=[common], help="open the account anew; prints a one-time password")
    reset.add_argument("--name", required=True, help="the user name")
    reset.add_argument(
        "--without-second-factor", action="store_true", help="also remove the second factor: the telephone is lost"
    )
    reset.set_defaults(run=_reset)
