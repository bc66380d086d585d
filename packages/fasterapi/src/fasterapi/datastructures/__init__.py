"""The values that requests and responses are made of, under Starlette's names.

Start reading at `_headers.py` and `_multidict.py`; `_url.py` holds everything about addresses.
"""

from fasterapi.datastructures._default import Default, DefaultPlaceholder
from fasterapi.datastructures._headers import Headers, MutableHeaders
from fasterapi.datastructures._multidict import FormData, ImmutableMultiDict, MultiDict, QueryParams
from fasterapi.datastructures._state import CommaSeparatedStrings, Secret, State
from fasterapi.datastructures._upload import UploadFile
from fasterapi.datastructures._url import URL, Address, URLPath

__all__ = [
    "URL",
    "Address",
    "CommaSeparatedStrings",
    "Default",
    "DefaultPlaceholder",
    "FormData",
    "Headers",
    "ImmutableMultiDict",
    "MultiDict",
    "MutableHeaders",
    "QueryParams",
    "Secret",
    "State",
    "URLPath",
    "UploadFile",
]
