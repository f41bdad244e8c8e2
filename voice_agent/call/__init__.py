"""The call as a pure state machine: events in, actions out, time as an argument.

Nothing in this package opens a socket, reads a clock, starts a thread or awaits.
"""
