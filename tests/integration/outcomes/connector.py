"""SAP Cloud Connector: roles that are read, values that are refused, a first role, CSRF."""
from calls import basic
from cluster import expect
from outcomes import rows
from outcomes.actions import not_asked, refuse, role_label, switch
from outcomes.cases import add, case
from outcomes.credentials import token_of
from outcomes.paths import CONNECTOR, HA_ROLE, host, no_body
from stage import until

STATE, INVALID = (409, "ILLEGAL_STATE"), (400, "INVALID_REQUEST")
GET_401, GET_403 = "*Baton* GET: 401 UNAUTHORIZED", "*Baton* GET: 403 FORBIDDEN"
POST_401, CSRF = "*Baton* POST: 401 UNAUTHORIZED", "*Baton* CSRF"


def get(world, name, headers=None, method="GET", path=HA_ROLE, **how):
    return world.send(method, path, {**(basic() if headers is None else headers), "Host": name}, **how)


def says(answer, role):
    expect(answer.status == 200 and answer.header("Content-Type") == "application/json", f"{answer}")
    expect(answer.body == f'"{role}"', f'"{role}": {answer}')


def member(world, group, role):
    """The host of the group's master, or of its first shadow."""
    return host(world.primary(group) if role == "master" else world.standbys(group)[0])


# --- GET

def reads(world, group, at, role, shown="{}", **how):
    name = host(group) if at == "group" else member(world, group, at)
    with world.unchanged():
        says(get(world, name.upper() if shown == "capitals" else shown.format(name), **how), role)


for title, group, at, role, how in (
        ("at the group's host", "healthy", "group", "master", {}),
        ("at the master's host", "healthy", "master", "master", {}),
        ("at a shadow's host", "healthy", "shadow", "shadow", {}),
        ("with a port behind the host", "healthy", "shadow", "shadow", {"shown": "{}:8443"}),
        ("with a host in capitals", "healthy", "shadow", "shadow", {"shown": "capitals"}),
        ("with a slash behind the path", "healthy", "group", "master", {"path": HA_ROLE + "/"}),
        ("no instance is master any more: at the group's host", "lost", "group", "undefined", {}),
        ("no instance is master any more: at a shadow's host", "lost", "shadow", "shadow", {}),
        ("no role has been assigned yet: at the group's host", "fresh", "group", "undefined", {}),
        ("no role has been assigned yet: at a member's host", "fresh", "shadow", "shadow", {}),
        ("while the role changes", "busy", "group", "master", {})):
    add("connector", rows.READ, f"GET {title}", reads, group, at, role, **how)


@case("connector", rows.READ, "GET at the host of a member whose pod is gone")
def member_without_pod(world):
    gone = next(f"lost-{i}" for i in range(3) if f"lost-{i}" not in world.stage.roles("lost"))
    says(get(world, host(gone)), "undefined")


@case("connector", rows.READERS, "GET by a user who may get the group and nothing else")
def reader_reads(world):
    says(get(world, host("healthy"), basic("reader")), "master")


@case("connector", rows.READ, "HEAD, as one client begins: headers without a body")
def head(world):
    with world.unchanged():
        for path in (HA_ROLE + "/", HA_ROLE):
            no_body(get(world, host("healthy"), method="HEAD", path=path), 200)


def unauthorized(answer):
    CONNECTOR.failed(answer, 401, "UNAUTHORIZED")
    expect(answer.header("WWW-Authenticate").startswith('Basic realm="'), f"WWW-Authenticate: {answer}")


NOT_BASIC = (("without credentials", {}), ("with a wrong password", basic("admin", "wrong")), ("as an unknown user", basic("who")),
             ("with a Basic header that is not base64", {"Authorization": "Basic ???"}),
             ("with a Bearer token", {"Authorization": f"Bearer {token_of('admin')}"}))


def not_proved(world, method, headers):
    with world.unchanged():
        answer = get(world, host("healthy"), headers, method, body='"shadow"' if method == "POST" else None,
                     source=next(world.addresses))
        not_asked(answer)
        unauthorized(answer)


@case("connector", GET_401, "HEAD without credentials")
def head_not_proved(world):
    answer = get(world, host("healthy"), {}, "HEAD")
    no_body(answer, 401)
    expect(answer.header("WWW-Authenticate").startswith('Basic realm="'), f"WWW-Authenticate: {answer}")


for title, headers in NOT_BASIC:
    add("connector", GET_401, f"GET {title}", not_proved, "GET", headers)
    add("connector", POST_401, f"POST {title}", not_proved, "POST", headers)


@case("connector", GET_403, "GET by a user without the right to get the group")
def no_right_to_read(world):
    for user in ("maker", "nobody"):
        CONNECTOR.failed(get(world, host("healthy"), basic(user)), 403, "FORBIDDEN")


@case("connector", "*Baton* 404 NOT_FOUND", "GET at an unknown host")
def unknown_host(world):
    for name in ("nobody.example.com", "scc!", ""):
        CONNECTOR.failed(get(world, name), 404, "NOT_FOUND")


# --- POST

def posted_at(world, group, at, body, *answer, says=""):
    with world.unchanged():
        got = CONNECTOR.switch(world, group, body=body, more={"Host": member(world, group, at)})
        not_asked(got)
        CONNECTOR.failed(got, *answer, says)


add("connector", rows.CHANGED, "healthy; at the master's host", lambda world: switch(
    world, "connector", "healthy", more={"Host": host(world.primary("healthy"))}))
add("connector", rows.CHANGED, "healthy; Expect: 100-continue", switch, "connector", "healthy", more={"Expect": "100-continue"})
add("connector", rows.row("connector", 409), '"shadow" at a shadow\'s host', posted_at, "healthy", "shadow", '"shadow"', *STATE)
add("connector", rows.row("connector", 409), '"master" at a shadow\'s host', posted_at, "healthy", "shadow", '"master"', *STATE)
add("connector", rows.row("connector", 409), '"master" at the master\'s host', posted_at, "healthy", "master", '"master"', *STATE)
add("connector", rows.row("connector", 409), '"master" at the group\'s host', refuse, "connector", "healthy", *STATE, body='"master"')
for body in ('"boss"', '"Shadow"', '"undefined"', '""', "shadow", "1", "null", '["shadow"]', '{"haRole":"shadow"}',
             '"shadow" "shadow"', ""):
    add("connector", rows.row("connector", 400), f"the body is `{body}`" if body else "there is no body",
        refuse, "connector", "healthy", *INVALID, body=body)


@case("connector", rows.WRITERS, "POST by a user who may only read, only create requests, or nothing")
def no_right_to_change(world):
    for user in ("reader", "maker", "nobody"):
        refuse(world, "connector", "healthy", 403, "FORBIDDEN", who=user)


# --- no role assigned yet

@case("connector", rows.row("connector", 204), 'no role has been assigned yet: "shadow" makes the member a shadow')
def first_shadow(world):
    with world.unchanged():
        requests = sorted(world.requests())
        answer = CONNECTOR.switch(world, "fresh-shadow", more={"Host": host("fresh-shadow-0")})
        no_body(answer, 204)
        not_asked(answer)
        expect(sorted(world.requests()) == requests, "a request was made")


@case("connector", rows.READ, 'no role has been assigned yet: GET after "shadow" was set says it')
def first_shadow_is_told(world):
    no_body(CONNECTOR.switch(world, "fresh-shadow", more={"Host": host("fresh-shadow-1")}), 204)
    until(lambda: get(world, host("fresh-shadow-1")).body == '"shadow"', lambda: str(get(world, host("fresh-shadow-1"))), seconds=5)


def first_master(world, group, at):
    name = host(group) if at is None else host(at)
    _, request = switch(world, "connector", group, body='"master"', more={"Host": name})
    expect(at is None or world.primary(group) == at, f"{at} was to get the role: {request}")
    expect(role_label(world, world.primary(group)) == "primary", "its label")


add("connector", rows.row("connector", 204), 'no role has been assigned yet: "master" at a member\'s host gives it the role',
    first_master, "fresh", "fresh-1")
add("connector", rows.row("connector", 204), 'no role has been assigned yet: "master" at the group\'s host',
    first_master, "fresh-host", None)


@case("connector", rows.row("connector", 409), 'no role has been assigned yet: "master" at a member that is not ready')
def first_master_unready(world):
    refuse(world, "connector", "fresh-unready", *STATE, "CandidateNotEligible", body='"master"', more={"Host": host("fresh-unready-0")})


# --- CSRF

def fetched(world, method="GET", path=HA_ROLE, **more):
    """The token and the cookie that belongs to it."""
    answer = get(world, host("healthy"), {**basic(), "X-CSRF-Token": "Fetch", **more}, method, path)
    cookie = answer.header("Set-Cookie").split(";")[0]
    expect(answer.status == 200 and answer.header("X-CSRF-Token") and "=" in cookie, f"{answer}")
    return answer.header("X-CSRF-Token"), cookie


@case("connector", f"{CSRF} token", "x-csrf-token: Fetch, by HEAD and by GET")
def csrf_fetch(world):
    for method, path in (("HEAD", HA_ROLE + "/"), ("HEAD", HA_ROLE), ("GET", HA_ROLE)):
        fetched(world, method, path)


@case("connector", rows.CHANGED, "POST with the session's cookie and its X-CSRF-Token")
def csrf_good(world):
    token, cookie = fetched(world)
    switch(world, "connector", "healthy", more={"X-CSRF-Token": token, "Cookie": f"other=1; {cookie}"})


def csrf_refused(world, **more):
    token, cookie = fetched(world)
    with world.unchanged():
        answer = CONNECTOR.switch(world, "healthy", more={"Cookie": cookie, **more})
        not_asked(answer)
        CONNECTOR.failed(answer, 403, "FORBIDDEN")
        expect(answer.header("X-CSRF-Token") == "Required", f"{answer}")


add("connector", f"{CSRF} 403 Required", "POST with the session's cookie alone", csrf_refused)
add("connector", f"{CSRF} 403 Required", "POST with the session's cookie and another token", csrf_refused, **{"X-CSRF-Token": "AAAA"})
add("connector", f"{CSRF} 403 Required", "POST with the session's cookie that fetches at the same time", csrf_refused,
    **{"X-CSRF-Token": "Fetch"})


@case("connector", f"{CSRF} 403 Required", "POST from a page of another site")
def other_site(world):
    refuse(world, "connector", "healthy", 403, "FORBIDDEN", more={"Sec-Fetch-Site": "cross-site"})
