"""Settings of the whole test suite."""

from hypothesis import settings

# A slow machine must not fail a property; how many examples are tried is each property's own choice.
settings.register_profile("meterdeck", deadline=None)
settings.load_profile("meterdeck")
