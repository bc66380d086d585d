from fasterapi.middleware import *
