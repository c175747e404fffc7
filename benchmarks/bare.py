"""The yardstick: a bare Flask application that answers one word."""

from flask import Flask

application = Flask(__name__)


@application.get("/")
def hello() -> str:
    """Answer a constant."""
    return "hello"
