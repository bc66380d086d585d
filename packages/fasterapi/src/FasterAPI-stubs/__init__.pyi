from fasterapi import *
