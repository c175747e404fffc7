"""``manage.py`` with two more jobs, neither of which ends: ``python -m tests.faults.endless_jobs worker``."""

from contextlib import suppress

from app.tasks.jobs import JOBS, Job


def computes() -> None:
    while True:
        pass


def heeds_nothing() -> None:
    while True:
        with suppress(Exception):
            computes()


ENDLESS = {"computes": Job(computes, seconds=1), "heeds-nothing": Job(heeds_nothing, seconds=1)}

if __name__ == "__main__":
    from manage import main

    JOBS.update(ENDLESS)  # type: ignore[attr-defined]
    main()
