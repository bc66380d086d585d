from fasterapi.datastructures import *
