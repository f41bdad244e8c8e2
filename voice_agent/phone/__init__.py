"""Our own telephone: a browser telephone and a simulated caller, for demonstrations and tests.

Both stand on the carrier's side of the line and speak the carrier's protocol, so that what they
prove holds for the real one.
"""
