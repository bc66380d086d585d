from fasterapi.requests import *
