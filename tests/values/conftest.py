"""Property tests without a deadline: the machine may be busy, and one slow example is no failure."""

from hypothesis import settings

settings.register_profile("calm", deadline=None, database=None)
settings.load_profile("calm")
