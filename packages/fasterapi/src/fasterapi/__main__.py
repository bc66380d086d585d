"""`python -m fasterapi`: the same as the command `fasterapi`."""

from fasterapi.cli import main

if __name__ == "__main__":
    main()
