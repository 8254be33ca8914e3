"""Cases that do not answer as documented, and why: they are expected to fail, and have to go from here when they pass."""

KNOWN = {}
