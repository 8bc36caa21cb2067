"""`python -m bot` is `paperboy`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
