from fasterapi.openapi import *
