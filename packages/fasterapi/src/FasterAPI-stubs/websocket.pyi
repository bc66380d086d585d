from fasterapi.websockets import *
