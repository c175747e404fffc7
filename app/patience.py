"""How long a reading request waits for the database in all, however much it asks of it."""

from flask import Flask, g, request

from app.read_only import READING
from app.storage.deadlines import limited


def register(app: Flask) -> None:
    """End what a reading request asks of the database as one operation ends, so that 503 comes in time.

    Else each further question to a server that hangs would wait anew. Writing requests may hold many
    operations that take their time; a body that is streamed is written when the request is over.
    """
    seconds = float(app.config["MONGO_OPTIONS"].get("timeoutMS", 0)) / 1000

    def begin() -> None:
        if request.method in READING and seconds:
            g.patience = limited(seconds)
            g.patience.__enter__()

    app.before_request(begin)
    app.teardown_request(_end)


def _end(_error: BaseException | None) -> None:
    if patience := g.pop("patience", None):
        patience.__exit__(None, None, None)
