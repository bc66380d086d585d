"""Values that live as long as the application."""


class AppScope:
    """Placeholder until the scope is built."""
