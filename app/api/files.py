"""Uploading pictures."""

from datetime import UTC, datetime

from flask import Response, request
from flask.views import MethodView

from app import json_bodies, rendering
from app.api import auth, bodies
from app.api.blueprint import blueprint
from app.api.idempotency import repeatable
from app.api.representations import answer, created
from app.domain.errors import FieldError, InvalidInput
from app.domain.messages import N_, Message
from app.domain.permissions import Permission
from app.extensions import stores
from app.services import pictures


class FileList(MethodView):
    """The pictures of entries."""

    @repeatable
    def post(self) -> Response:
        """Keep a picture and return its id, for values of the kind ``image``."""
        actor = auth.allowed(Permission.UPLOAD)
        json_bodies.require_type(bodies.MULTIPART)
        sent = request.files.get("file")
        if sent is None:
            raise InvalidInput([FieldError("file", Message(N_("A picture was expected.")))])
        file_id = pictures.keep(stores(), actor, sent.read(), datetime.now(UTC))
        address = rendering.absolute_url(rendering.file_url(file_id))
        return created(answer({"file": file_id, "links": {"html": address}}, 201), address)


blueprint.add_url_rule("/files", view_func=FileList.as_view("files"))
