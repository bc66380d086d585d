from fasterapi.openapi.generator import *
