"""The whole web process: Twilio's webhooks, health, the simulator, and the console."""

from flask import Flask

from casework import readiness
from console import web as console
from webhooks import app as door


def create_app() -> Flask:
    """Put the rooms' pages together."""
    readiness.install()
    made = door.create_app()
    console.install(made)
    return made
