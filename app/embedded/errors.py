"""What can go wrong with the embedded database, each said in one line that tells what to do."""


class EmbeddedError(Exception):
    """The embedded database cannot be had. ``str()`` is one line for the operator."""


class NoMongod(EmbeddedError):
    """There is no mongod on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No MongoDB was found: install a mongod on the PATH (https://www.mongodb.com/docs/manual/"
            "installation/), or set MONGO_URI to a running MongoDB."
        )


class FolderUnusable(EmbeddedError):
    """The data folder cannot be made or written."""

    def __init__(self, folder: object, reason: str) -> None:
        super().__init__(
            f"The data folder {folder} cannot be used: {reason}. Set PKYX_DATA to a folder you may write."
        )


class FolderInUse(EmbeddedError):
    """Another process uses the data folder."""

    def __init__(self, folder: object, pid: int | None) -> None:
        owner = f" by process {pid}" if pid else ""
        super().__init__(
            f"The data folder {folder} is already in use{owner}: stop that pkyx first, "
            "or set PKYX_DATA to another folder."
        )


class MongodFailed(EmbeddedError):
    """The mongod did not start, or did not become the primary of its set."""

    def __init__(self, reason: str, log: object) -> None:
        super().__init__(f"The embedded MongoDB did not start: {reason} (its log: {log})")
