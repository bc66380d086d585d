from fasterapi.param_functions import *
