"""Mails: rendered from templates in their reader's language, sent by SMTP or shown in the log."""

import smtplib
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog
from flask import current_app
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from flask_mail import Connection, Message

from app.extensions import stores
from app.locales import DEFAULT, LOCALES
from app.rendering import absolute_url
from app.services import letters
from app.services.account_links import AccountLinks

SMTP_SECONDS = 20
# The sooner it is over, the sooner the letter is known to be sent.
_FAREWELL_SECONDS = 1

log = structlog.get_logger(__name__)


def account_links() -> AccountLinks:
    """Return what makes and reads the links of the current application."""
    return AccountLinks(str(current_app.config["SECRET_KEY"]))


def deliver(letter: letters.Letter) -> None:
    """Look up whom a letter is for and send them the mail; raise OSError or SMTPException.

    Doing it again sends the mail again, under the same Message-ID and with the same link: systems that
    drop what they have already drop it, and whichever arrives holds.
    """
    mail = letters.write(stores(), account_links(), letter, datetime.now(UTC))
    if mail is not None:
        send(render(mail))


def render(mail: letters.Mail) -> Message:
    """Return the message, HTML and plain text, in the language of its reader."""
    with force_locale(mail.locale if mail.locale in LOCALES else DEFAULT):
        context = {
            "locale": str(get_locale()),
            "username": mail.username,
            "link": absolute_url(mail.path) if mail.path else "",
            "site": absolute_url(""),
            "subject": _subject(mail.template),
        }
        message = Message(
            subject=context["subject"],
            recipients=[mail.address],
            sender=current_app.config["MAIL_DEFAULT_SENDER"],
            body=_filled(f"{mail.template}.txt", context),
            html=_filled(f"{mail.template}.html", context),
        )
    if mail.reference:
        message.msgId = f"<{mail.reference}@{urlsplit(context['site']).hostname}>"
    return message


def send(message: Message) -> None:
    """Send a message, or show it in the log where no mail server is configured."""
    # Machines that answer mail should leave this one alone (RFC 3834).
    message.extra_headers = {"Auto-Submitted": "auto-generated"}
    if not current_app.config["MAIL_SERVER"] and not current_app.testing:
        recipients = ", ".join(map(str, message.recipients))
        log.warning(
            "No MAIL_SERVER is set, so this mail is only shown here:\n"
            f"To: {recipients}\nSubject: {message.subject}\n\n{message.body}\n",
            is_letter=True,
        )
        return
    with _Connection(current_app.extensions["mail"]) as connection:
        connection.send(message)


class _Connection(Connection):
    """Flask-Mail's connection with an end to its patience, which smtplib does not have by itself.

    What the server took it took, whatever becomes of the farewell: to fail there would send it again.
    """

    def __exit__(self, *_error: object) -> None:
        if self.host is None:
            return
        with closing(self.host), suppress(OSError, smtplib.SMTPException):
            if self.host.sock is not None:
                self.host.sock.settimeout(_FAREWELL_SECONDS)
            self.host.quit()

    def configure_host(self) -> smtplib.SMTP:
        config = self.mail
        host = smtplib.SMTP(config.server, config.port, timeout=SMTP_SECONDS)
        if config.use_tls:
            host.starttls()
        if config.username and config.password:
            host.login(config.username, config.password)
        return host


def _filled(name: str, context: Mapping[str, str]) -> str:
    # Not render_template: what pages are given besides is of a request, and here is none.
    return current_app.jinja_env.get_template(f"email/{name}").render(context)


def _subject(template: str) -> str:
    return {
        "activation": _("Confirm your address for pkyx"),
        "address_known": _("You already have an account at pkyx"),
        "reset": _("Choose a new password for pkyx"),
        "password_changed": _("Your password for pkyx was changed"),
    }[template]
