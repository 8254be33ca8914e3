"""Cases that do not answer as documented, and why: they are expected to fail, and have to go from here when they pass."""

_UNDECODED = "`400 {\"error\": ...}` in no vendor's form: the target is refused before anybody looks whose path it is"
_KEYSTONE = "401, as for a wrong password; Keystone has 400 for a body that it can't read"

KNOWN = {
    **{(path, "the request target can't be decoded"): _UNDECODED for path in ("connector", "dcs", "hcx", "sbc", "polardb")},
    **{("dcs", title): _KEYSTONE
       for title in ("log-in with a body that is not JSON", "log-in without a body", "log-in without a password")},
    ("connector", "GET no role has been assigned yet: at a member's host"):
        "`\"shadow\"`: every member carries the standby label from the beginning, so that none is without a role",
    ("all", "two groups claim the same names: the younger one says so"): "the condition is set for pods only, not for API names",
    ("all", "a method that is no such: TRACE"):
        "501 without Allow: methods that the server does not know are refused before the path is looked at",
}
