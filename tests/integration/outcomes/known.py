"""Cases that do not answer as documented, and why: they are expected to fail, and have to go from here when they pass."""

KNOWN = {
    ("all", "a method that is no such: TRACE"):
        "501 without Allow: methods that the server does not know are refused before the path is looked at",
}
