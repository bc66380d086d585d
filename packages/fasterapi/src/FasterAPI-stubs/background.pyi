from fasterapi.background import *
