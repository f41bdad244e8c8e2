"""Consent as a capability: who may be heard, for what, and the proof of it.

A leaf package: standard library only. It knows nothing of telephones, frames or models;
the types it seals are the caller's own.
"""
