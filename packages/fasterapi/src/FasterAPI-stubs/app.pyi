from fasterapi.app import *
