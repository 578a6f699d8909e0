"""The options of `python -m edge_agent enrol`."""

import argparse

from edge_agent.settings import SINKS


def add_options(enrol: argparse.ArgumentParser) -> None:
    enrol.add_argument("--controller", required=True, help="address of its pages, like https://station.example")
    enrol.add_argument("--data", default="data", help="folder of the database and clips; beside the config file")
    enrol.add_argument("--sink", choices=SINKS, default="card", help="where the box plays")
    enrol.add_argument("--device", default="", help="part of the name of the sound card")
    enrol.add_argument("--amplifier-gpio", default="", help="chip and line that switch it, like gpiochip0:17")
    enrol.add_argument("--amplifier-active-low", action="store_true", help="that line is low while it is on")
    enrol.add_argument("--amplifier-command", default="", help="instead: a program that is run with on or off added")
    enrol.add_argument("--ca-file", default="", help="the authority that signed the controller's certificate")
    enrol.add_argument("--fingerprint", default="", help="SHA-256 of the controller's certificate: this one or none")
    enrol.add_argument("--silent", action="store_true", help="do not say the claim code through the loudspeaker")
    enrol.add_argument("--no-run", action="store_true", help="end when enrolled instead of running")
