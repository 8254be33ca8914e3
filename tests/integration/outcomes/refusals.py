"""Each situation in which a group can't switch, at each path."""
from outcomes.actions import refuse, reject
from outcomes.cases import add
from outcomes.rows import POLARDB, row

DENIED, HA_STATUS = "OperationDenied.ClusterCategory", "HaStatusNotSupport"

# group, reason, situation, DCS' code, PolarDB's code
REFUSED = (
    ("disabled", "Disabled", "spec.switchover.enabled is false", "DCS.4855", DENIED),
    ("paused", "Paused", "spec.paused is true", "DCS.4026", HA_STATUS),
    ("lonely", "NotSupported", "the group has one member", "DCS.4855", DENIED),
    ("busy", "Busy", "another role change is going on", "DCS.4017", HA_STATUS),
    ("unready", "NoCandidate", "no standby is ready", "DCS.4026", HA_STATUS),
    ("unfit", "NoCandidate", "every standby has priority 0", "DCS.4026", HA_STATUS),
    ("cordoned", "NoCandidate", "every standby is on a cordoned node", "DCS.4026", HA_STATUS),
    ("lost", "NoPrimary", "the primary's pod is gone", "DCS.4026", HA_STATUS),
    ("frequent", "TooFrequent", "spec.switchover.minIntervalSeconds is not over", "DCS.4026", "UnsupportHighFrequenceSwitchOver"),
)
# The members have to be asked, so that a request is made and rejected.
REJECTED = (
    ("lagging", "UnhealthyReplication", "every standby lags more than candidatePolicy.maxLag", "DCS.4026",
     "UnsupportWitchUnhealthyReplication"),
    ("split", "SplitBrain", "two members say that they are primary", "DCS.4026", HA_STATUS),
)
# What a Forced request of HCX does not mind.
FORCED = {"disabled", "lost", "lagging", "frequent", "split"}
NEVER = "the group never had a primary, spec.bootstrap is Manual"


def answers(dcs, polardb):
    """{path: (status, code)}"""
    return {"connector": (409, "ILLEGAL_STATE"), "dcs": (400, dcs), "sbc": (400, ""), "polardb": (POLARDB[polardb][0], polardb)}


def says(path, reason, code):
    return "" if code == "DCS.4855" else reason


for group, reason, title, dcs, polardb in REFUSED:
    for path, (status, code) in answers(dcs, polardb).items():
        add(path, row(path, status, code), title, refuse, path, group, status, code, says(path, reason, code))
    if group not in FORCED:
        add("hcx", row("hcx", 409), title, refuse, "hcx", group, 409, reason)

for group, reason, title, dcs, polardb in REJECTED:
    for path, (status, code) in answers(dcs, polardb).items():
        add(path, row(path, status, code), title, reject, path, group, reason, status, code)

for path, (status, code) in answers("DCS.4026", HA_STATUS).items():
    if path != "connector":
        add(path, row(path, status, code), NEVER, refuse, path, "fresh", status, code, "NoPrimary")
