from fasterapi.responses import *
