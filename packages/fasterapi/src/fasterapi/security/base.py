"""What every security scheme is: a callable that takes the connection and gives the credentials, or `None`.

Knows: status 401 and its header. Does not know: any single scheme.
"""

from fasterapi.exceptions import HTTPException
from fasterapi.security.models import SecurityScheme


class SecurityBase:
    """`model` and `scheme_name` describe the scheme in the OpenAPI document, under `securitySchemes`.

    With `auto_error=False` a request without credentials gives `None` instead of a 401.
    """

    model: SecurityScheme
    scheme_name: str
    auto_error: bool

    def _describe(self, model: SecurityScheme, scheme_name: str | None, auto_error: bool) -> None:
        self.model = model
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error

    def make_authenticate_headers(self) -> dict[str, str]:
        """The challenge that a 401 must have (RFC 9110, section 11.6.1)."""
        return {"WWW-Authenticate": "Bearer"}

    def make_not_authenticated_error(self) -> HTTPException:
        """What is raised without credentials; override it for another status or text."""
        return HTTPException(401, "Not authenticated", headers=self.make_authenticate_headers())

    def _refuse_if_required(self) -> None:
        """Raise, unless the scheme's absence is allowed: then the caller gives `None`."""
        if self.auto_error:
            raise self.make_not_authenticated_error()
