"""A telephone voice agent that asks before it listens."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("voice-agent")
except PackageNotFoundError:  # a source tree that was never installed still runs
    __version__ = "0+unknown"
