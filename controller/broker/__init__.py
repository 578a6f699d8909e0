"""The MQTT broker's side: who may connect, who may say and hear what, and the embedded broker."""
