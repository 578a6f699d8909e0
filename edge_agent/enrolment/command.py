"""`python -m edge_agent enrol`: from a bare box to its config file. Shows the claim code on the screen and says it."""

import argparse
import logging
import os
import shlex
from pathlib import Path

from edge_agent.certificates import read_fingerprint
from edge_agent.clock import Clock
from edge_agent.enrolment.announcing import Announcer
from edge_agent.enrolment.asking import Asking, GaveUp
from edge_agent.enrolment.files import Unusable, own_key, write_config
from edge_agent.enrolment.web import BadAddress, Controller
from edge_agent.settings import BadSettings, SoundSettings, read_amplifier
from protocol.box_config import BoxConfig

_log = logging.getLogger(__name__)


class CannotEnrol(Exception):
    """The sentence says why, and what to do."""


def enrol(arguments: argparse.Namespace, clock: Clock) -> None:
    """Write the config file that `arguments` name, unless it is there already; raises CannotEnrol."""
    config = Path(arguments.config).absolute()
    if config.exists():
        _log.info("this box is enrolled already (%s); move that file away to enrol it anew", config)
        return
    try:
        _enrol(arguments, clock, config)
    except (BadAddress, BadSettings, Unusable, GaveUp, OSError) as error:
        raise CannotEnrol(str(error)) from error


def _enrol(arguments: argparse.Namespace, clock: Clock, config: Path) -> None:
    controller = _controller(arguments)
    sound = SoundSettings(arguments.sink, arguments.device, config.parent / "recordings")
    amplifier = _amplifier(arguments)
    announcer = Announcer(clock, sound, read_amplifier(amplifier))

    def show(code: str) -> None:
        spaced = f"{code[: len(code) // 2]} {code[len(code) // 2 :]}"
        _log.info("claim code %s: compare it at %s/cum-loa/moi", spaced, controller.url)
        print(f"\n    Mã đăng ký / claim code: {spaced}\n    {controller.url}/cum-loa/moi\n", flush=True)
        if not arguments.silent:
            announcer.say(code)

    try:
        grant, offer = Asking(clock, controller, config.parent, own_key(config.parent), show).ask()
    finally:
        announcer.stop()
    told = BoxConfig(
        site=offer.site,
        speaker=grant.speaker,
        root_public=offer.root_public,
        host=grant.host or controller.host,
        port=grant.port,
        tls=grant.tls,
        authority=bool(grant.ca_pem),
        sink=arguments.sink,
        device=arguments.device,
        data=arguments.data,
        amplifier=amplifier,
    )
    write_config(config, grant, told)
    _log.info("taken in as the speaker %s; written: %s", grant.speaker, config)


def _amplifier(arguments: argparse.Namespace) -> dict[str, str | bool | list[str]]:
    """The table of the config file."""
    table: dict[str, str | bool | list[str]] = {}
    if arguments.amplifier_gpio:
        table["gpio"] = arguments.amplifier_gpio
    if arguments.amplifier_active_low:
        table["active_low"] = True
    if arguments.amplifier_command:
        table["command"] = shlex.split(arguments.amplifier_command)
    return table


def _controller(arguments: argparse.Namespace) -> Controller:
    try:
        fingerprint = read_fingerprint(arguments.fingerprint) if arguments.fingerprint else ""
    except ValueError as error:
        raise BadAddress(f"--fingerprint: {error}") from error
    if arguments.ca_file and not os.path.isfile(arguments.ca_file):
        raise BadAddress(f"--ca-file: there is no file {arguments.ca_file}")
    controller = Controller(
        arguments.controller, arguments.ca_file, fingerprint, lambda sentence: _log.error("%s", sentence)
    )
    if not controller.encrypted:
        _log.warning("the way to %s is not encrypted; compare the claim code with care", controller.url)
    return controller
