"""The blueprint of the reading pages; the modules beside this one hang their views on it."""

from flask import Blueprint

blueprint = Blueprint("main", __name__)
