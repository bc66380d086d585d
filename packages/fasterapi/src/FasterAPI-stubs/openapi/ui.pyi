from fasterapi.openapi.ui import *
