from fasterapi.params import *
