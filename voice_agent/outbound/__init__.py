"""Reminders of appointments by telephone: who is rung up, when, and why somebody is not."""
