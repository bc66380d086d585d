from fasterapi.exceptions import *
