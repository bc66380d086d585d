from fasterapi.routing import *
