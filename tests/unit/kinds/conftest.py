"""Property-based tests of the kinds: no deadline, since a busy machine is no failure of a kind."""

from hypothesis import settings

settings.register_profile("kinds", deadline=None)
settings.load_profile("kinds")
