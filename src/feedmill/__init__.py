"""Feedmill turns a directory of stories into Atom, RSS and JSON feeds, one set per topic."""

__version__: str


def __getattr__(name: str) -> str:
    """Return the version, which is sought only when it is asked for: the command must see to its signals first."""
    if name == "__version__":
        from importlib.metadata import version

        return version("feedmill")
    raise AttributeError(f"module 'feedmill' has no attribute '{name}'")
