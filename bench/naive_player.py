"""The peer of the agent: what somebody would write in an afternoon: `python -m bench.naive_player PORT`.

A paho subscription that hands the named file to ffplay. It holds no plan, believes everybody, measures nothing,
stores nothing: less than ours in everything but the sound.
"""

import subprocess
import sys
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

TOPIC = "bench/play"


def main() -> None:
    def play(_client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        words = ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", message.payload.decode())
        subprocess.Popen(words, stdin=subprocess.DEVNULL)

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="naive", protocol=mqtt.MQTTv311)
    client.on_message = play
    client.connect("127.0.0.1", int(sys.argv[1]))
    client.subscribe(TOPIC, qos=1)
    print("listening", flush=True)
    client.loop_forever()


if __name__ == "__main__":
    main()
