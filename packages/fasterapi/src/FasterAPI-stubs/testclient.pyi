from fasterapi.testclient import *
