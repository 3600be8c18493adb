"""The whole web process: Twilio's webhooks, health, the simulator, and the console."""

from flask import Flask

from bot import model
from casework import readiness
from console import web as console
from webhooks import app as door


def create_app() -> Flask:
    """Put the rooms' pages together."""
    readiness.install()
    made = door.create_app()
    made.config["SAWTI_MODEL"] = model.name()  # shown to administrators: the console knows nothing of the bot
    console.install(made)
    return made
