"""Settings of all tests of this package."""

from hypothesis import settings

# Whatever the profile: a slow machine is no failure. Time is measured in `benchmarks/`, never in tests.
settings.register_profile("no deadline", settings.default, deadline=None)
settings.load_profile("no deadline")
