"""A healthy group at each path, with each framing of a request that clients send; two groups of one name; forms of ids."""
from cluster import expect
from outcomes.actions import not_asked, refuse, switch
from outcomes.cases import add
from outcomes.paths import HA_ROLE, PATHS, host
from outcomes.rows import row
from outcomes import signatures
from stage import until

NOT_FOUND = {"connector": (404, "NOT_FOUND"), "dcs": (404, "DCS.3022"), "hcx": (404, "NotFound"), "sbc": (404, ""),
             "polardb": (404, "InvalidDBCluster.NotFound")}


def of_two_groups(world, path):
    """The older one is meant."""
    before = world.state()[1]["a-younger"]
    switch(world, path, "elder")
    expect(world.state()[1]["a-younger"] == before, "the younger group changed")


def conflict(world):
    """Of what the younger group is told; its pods are its own."""
    def conditions():
        found = world.stage.group_status("a-younger").get("conditions", [])
        return [c for c in found if c["type"] == "Conflict"]
    until(conditions, "the younger group has no condition Conflict", seconds=5)
    expect(conditions()[0]["status"] == "True", f"{conditions()}")


def undecodable(world, path):
    """In the vendor's form, as each answer of its path."""
    target = {"dcs": "/v2/p1/instances/%zz/swap", "hcx": "/hybridity/api/interconnect/appliances/ha/groups/%zz/forceFailover",
              "sbc": "/rest/v1.2/admin/switchover?%zz", "connector": f"{HA_ROLE}?%zz",
              "polardb": f"/?{signatures.joined(signatures.rpc(DBClusterId='pc-healthy'))}%zz"}[path]
    with world.unchanged():
        headers = {"Host": host("healthy"), "Accept": "application/xml"}
        answer = world.send("POST", target, headers, '"shadow"' if path == "connector" else None)
        not_asked(answer)
        expect(400 <= answer.status < 500, f"{answer}")
        status, code = {"dcs": (400, "DCS.4001"), "hcx": (404, "NotFound"), "polardb": (400, "InvalidParameter"),
                        "connector": (400, "INVALID_REQUEST")}.get(path, (400, ""))
        PATHS[path].failed(answer, status, code)


def renamed(world, path):
    """Not found by a name that it had."""
    group = world.api.get(world.stage.path("hagroups", "weights"))
    world.patch("weights", {"apis": None})
    try:
        refuse(world, path, "weights", *NOT_FOUND[path])
    finally:
        world.patch("weights", {"apis": group["spec"]["apis"]})


def scheduled(world, path):
    """A request that waits for its time does not make the group busy."""
    name = f"later-{path}"
    world.ask("weights", name, scheduledAt="2126-01-01T00:00:00Z")
    until(lambda: world.stage.request_status(name).get("phase") == "Scheduled", "it is not Scheduled")
    switch(world, path, "weights")
    world.api.merge(world.stage.path("switchoverrequests", name), {"spec": {"cancel": True}})
    world.stage.ended(name)


def unknown_and_unproved(world, path):
    """Who proves nothing learns nothing of what there is."""
    answers = []
    for group in ("nowhere", "healthy"):
        with world.unchanged():
            answers.append(unproved(world, path, group))
    expect(answers[0].status == answers[1].status == (400 if path == "polardb" else 401), f"{answers[0]} {answers[1]}")
    code = {"connector": "UNAUTHORIZED", "dcs": "DCS.1003", "polardb": "MissingParameter"}.get(path, "")
    PATHS[path].failed(answers[0], answers[1].status, code)


def unproved(world, path, group):
    if path == "polardb":
        return world.send("POST", "/?" + signatures.joined({**signatures.RPC, "DBClusterId": f"pc-{group}"}), {"Host": "polardb"})
    headers = {"Accept": "*/*"}
    return PATHS[path].switch(world, group, headers=headers)


for path in PATHS:
    done = row(path, PATHS[path].success)
    add(path, done, "healthy" if path == "connector" else "healthy; Content-Length: 0", switch, path, "healthy")
    add(path, done, "healthy; the body is chunked", switch, path, "healthy", framing="chunked")
    if path == "connector":
        add(path, done, "healthy; a line end behind the body", switch, path, "healthy", body='"shadow"\n')
    else:
        add(path, done, "healthy; no Content-Length", switch, path, "healthy", framing="none")
    add(path, done, "two groups claim the name: the older one is meant", of_two_groups, path)
    add(path, row(path, *NOT_FOUND[path]), "no group has this name", refuse, path, "nowhere", *NOT_FOUND[path])
    add(path, done, "a request is scheduled for later", scheduled, path)
    add(path, row(path, *NOT_FOUND[path]), "the group had this name before", renamed, path)
    unknown_row = row(path, 400 if path == "polardb" else 401, "MissingParameter" if path == "polardb" else "UNAUTHORIZED")
    add(path, unknown_row, "no credentials, and no group has this name", unknown_and_unproved, path)
    if path != "polardb":
        other = "hosts-only" if path in ("sbc", "dcs", "hcx") else "ids-only"
        add(path, row(path, *NOT_FOUND[path]), "a group has this name at another path only", refuse, path, other, *NOT_FOUND[path])
    malformed = row(path, {"hcx": 404}.get(path, 400), "InvalidParameter")
    add(path, malformed, "the request target can't be decoded", undecodable, path)
add("all", "*Baton* condition Conflict", "two groups claim the same names: the younger one says so", conflict)
