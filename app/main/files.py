"""Pictures of entries, served piece by piece from the database."""

from datetime import timedelta

from flask import Response, request

from app.extensions import stores
from app.main.blueprint import blueprint
from app.storage.files import ITEM_IMAGE

_A_YEAR = timedelta(days=365)


@blueprint.get("/files/<file_id>")
def file(file_id: str) -> Response:
    """A picture. It never changes: another picture has another id, so browsers may keep it for good."""
    stored = stores().files.open(file_id, ITEM_IMAGE)
    response = Response(stored.chunks, mimetype=stored.content_type)
    response.content_length = stored.length
    response.set_etag(stored.digest)
    response.headers["Content-Disposition"] = "inline"
    response.cache_control.public = True
    response.cache_control.max_age = int(_A_YEAR.total_seconds())
    response.cache_control.immutable = True
    response.make_conditional(request)
    return response
