from fasterapi.concurrency import *
