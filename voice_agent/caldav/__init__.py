"""A calendar on a CalDAV server (RFC 4791): the company's own, with other people's events in it."""
