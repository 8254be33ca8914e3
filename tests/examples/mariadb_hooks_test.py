#!/usr/bin/env python3
"""The hooks for MariaDB in docs/hooks-cookbook.md, as they stand there, on two servers on loopback.

Usage: mariadb_hooks_test.py [PART OF A TEST'S NAME]

Needs mariadbd (Debian: mariadb-server).
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from http_app_test import A, B, expect, free_port, until  # noqa: E402

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "hooks-cookbook.md"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent"}


def recipe(folder):
    """Writes the scripts of the section; returns the settings of its server."""
    section = re.search(r"^## MariaDB\n(.*?)^## ", PAGE.read_text(), re.M | re.S)[1]
    scripts = re.findall(r"^```sh\n(#!/bin/sh\n# /hooks/(\w+).*?)^```", section, re.M | re.S)
    expect({n for _, n in scripts} == {"lib", "probe", "demote", "promote", "follow", "disconnect", "fence"}, f"{[n for _, n in scripts]}")
    for text, name in scripts:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return re.search(r"^```ini\n(.*?)^```", section, re.M | re.S)[1]


class Server:
    def __init__(self, number, ip, port, folder, hooks, template):
        self.number, self.ip, self.port, self.folder, self.hooks = number, ip, port, folder / ip, hooks
        shutil.copytree(template, self.folder)
        (self.folder / "state").mkdir()
        self.process, self.semi_sync = None, "OFF"
        self.start()
        self.sql("SET SESSION sql_log_bin = 0; CREATE USER replicator IDENTIFIED BY 'secret'; GRANT REPLICATION SLAVE ON *.* TO replicator; "
                 "CREATE DATABASE d; CREATE USER app IDENTIFIED BY 'app'; GRANT ALL ON d.* TO app; CREATE TABLE d.t (i INT PRIMARY KEY)")  # fmt: skip

    def start(self):
        settings = self.folder.parent / "server.ini"
        self.process = subprocess.Popen(
            ["mariadbd", f"--defaults-file={settings}", f"--datadir={self.folder}/data", f"--socket={self.folder}/sock", f"--port={self.port}",
             f"--bind-address={self.ip}", f"--server-id={self.number}", f"--pid-file={self.folder}/pid", "--innodb-buffer-pool-size=32M",
             *(["--user=root"] if os.getuid() == 0 else [])],
            env=ENVIRONMENT, stderr=(self.folder / "log").open("a"), stdout=subprocess.DEVNULL)  # fmt: skip
        until(lambda: self.client("SELECT 1").returncode == 0, f"{self.ip} answers", 30)

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(30)

    def client(self, statement, *words):
        return subprocess.run(["mariadb", "--no-defaults", f"--socket={self.folder}/sock", "-BN", *words, "-e", statement],
                              env=ENVIRONMENT, text=True, capture_output=True)  # fmt: skip

    def sql(self, statement):
        done = self.client(statement)
        expect(done.returncode == 0, f"{self.ip}: {statement}: {done.stderr}")
        return done.stdout.strip()

    def application(self, statement, user="app", password="app"):
        return subprocess.run(["mariadb", "--no-defaults", f"--host={self.ip}", f"--port={self.port}", f"-u{user}", f"-p{password}", "-BN", "-e", statement],
                              env=ENVIRONMENT, text=True, capture_output=True)  # fmt: skip

    def put(self, number):
        return self.application(f"INSERT INTO d.t VALUES ({number})").returncode == 0

    def has(self, number):
        return self.sql(f"SELECT COUNT(*) FROM d.t WHERE i = {number}") == "1"

    def hook(self, name, *arguments):
        password = self.folder / "password"
        password.write_text("secret\n")
        environment = {**ENVIRONMENT, "HOOKS_SOCKET": f"{self.folder}/sock", "HOOKS_STATE": f"{self.folder}/state", "HOOKS_PORT": str(self.port),
                       "HOOKS_PASSWORD": str(password), "SEMI_SYNC": self.semi_sync}  # fmt: skip
        return subprocess.run([self.hooks / name, *map(str, arguments)], env=environment, text=True, capture_output=True)

    def does(self, name, *arguments):
        done = self.hook(name, *arguments)
        expect(done.returncode == 0, f"{name} {arguments} on {self.ip}: {done.stdout}{done.stderr}")
        return done.stdout

    def refuses(self, name, *arguments):
        done = self.hook(name, *arguments)
        expect(done.returncode != 0, f"{name} {arguments} on {self.ip} is not refused")
        return done.stderr

    def probe(self):
        return json.loads(self.does("probe"))

    def is_now(self, role, position):
        said = self.probe()
        expect(said == {"role": role, "position": position, "healthy": True}, f"{self.ip}: {said}, expected {role} {position}")


def begun(a, b):
    for member in (a, b):
        member.is_now("standby", 0)
        expect(not member.put(0), "a write before there is a primary")
    a.does("promote", 1)
    b.does("follow", 1, A)
    expect(a.put(1), "the first write")
    until(lambda: b.has(1), "the first write is copied")


def test_a_switchover_and_back(a, b):
    begun(a, b)
    client = subprocess.Popen(["mariadb", "--no-defaults", f"--host={A}", f"--port={a.port}", "-uapp", "-papp", "-BN", "-e",
                               "BEGIN; INSERT INTO d.t VALUES (50); SELECT SLEEP(1); COMMIT"], env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)  # fmt: skip
    time.sleep(0.3)
    for _ in range(2):
        a.does("demote", 1)
    expect(client.wait(10) != 0, "a transaction that was open at demote was committed")
    expect(not a.put(2), "a write after demote")
    a.refuses("promote", 1)
    a.is_now("standby", 1)
    b.is_now("standby", 1)
    for _ in range(2):
        b.does("promote", 2)
        a.does("follow", 2, B)
    expect(b.put(3), "the new primary acknowledges")
    until(lambda: a.has(3), "the old primary copies")
    for late in (a.refuses("promote", 2), a.refuses("demote", 1), b.refuses("demote", 1), b.refuses("follow", 1, A), b.refuses("fence", 1)):
        expect("is over" in late, late)
    b.does("demote", 2)
    a.does("promote", 3)
    b.does("follow", 3, A)
    expect(a.put(4) and not b.put(5), "after the way back")
    until(lambda: b.has(4), "it is followed again")
    a.is_now("primary", 3)
    b.is_now("standby", 3)


def test_a_rollback(a, b):
    begun(a, b)
    a.does("demote", 1)
    a.does("promote", 2)
    b.does("follow", 2, A)
    expect(a.put(2), "the old primary has the role again")
    until(lambda: b.has(2), "it is followed")


def test_restarts(a, b):
    begun(a, b)
    b.end()
    b.start()
    expect(a.put(2), "a write")
    until(lambda: b.has(2), "a standby goes on after a restart, untold")
    a.end()
    a.start()
    a.is_now("standby", 2)
    expect(not a.put(3), "a restart makes a primary")
    a.refuses("promote", 1)
    b.does("promote", 2)
    a.does("follow", 2, B)
    expect(b.put(3), "a write")
    until(lambda: a.has(3), "the old primary copies")


def test_what_was_received_is_applied_first(a, b):
    begun(a, b)
    b.sql("STOP SLAVE SQL_THREAD")
    expect(a.put(2), "a write")
    written = a.sql("SELECT @@gtid_binlog_pos")
    until(lambda: b.client("SHOW SLAVE STATUS\\G").stdout.count(written) == 1, "it is received")
    a.end()
    expect("not applied" in b.refuses("promote", 2), "promoted without what it has received")
    b.sql("START SLAVE SQL_THREAD")
    b.does("promote", 2)
    expect(b.has(2), "what it had received is lost")


def test_parted_histories(a, b):
    begun(a, b)
    b.end(signal.SIGTERM)
    expect(a.put(100), "a write that nobody gets")
    a.end()
    b.start()
    b.does("promote", 2)
    expect(b.put(2), "a write")
    a.start()
    for _ in range(2):
        expect("diverged" in a.refuses("follow", 2, B), "it follows with data that the primary has not")
    expect(a.has(100) and not a.put(3), "its data, and no write")


def test_fence_and_disconnect(a, b):
    begun(a, b)

    def sleeper(member):
        process = subprocess.Popen(["mariadb", "--no-defaults", f"--host={member.ip}", f"--port={member.port}", "-uapp", "-papp", "-e",
                                    "SELECT SLEEP(20)"], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        until(lambda: "SLEEP" in member.sql("SHOW PROCESSLIST"), "a client")
        return process
    client = sleeper(a)
    a.does("disconnect")
    expect(client.wait(5) != 0, "the client is there still")
    expect(a.put(2), "a new connection")
    until(lambda: b.has(2), "the standby was disconnected")
    client = sleeper(a)
    a.does("fence", 1)
    expect(client.wait(5) != 0 and not a.put(3), "it serves clients")
    expect("locked" in a.application("SELECT 1", "replicator", "secret").stderr, "it serves standbys")
    b.does("promote", 2)
    a.does("follow", 2, B)
    expect(b.put(4), "a write")
    until(lambda: a.has(4), "it copies again")


def waiting_writer(member, number):
    """A client whose commit waits for a standby."""
    writer = subprocess.Popen(["mariadb", "--no-defaults", f"--host={member.ip}", f"--port={member.port}", "-uapp", "-papp", "-e",
                               f"INSERT INTO d.t VALUES ({number})"], env=ENVIRONMENT, stderr=subprocess.DEVNULL)  # fmt: skip
    until(lambda: "semi-sync" in member.sql("SHOW PROCESSLIST"), "a commit waits")
    return writer


def test_semi_synchronous(a, b):
    a.semi_sync = b.semi_sync = "ON"
    begun(a, b)
    a.does("demote", 1)
    b.does("promote", 2)
    a.does("follow", 2, B)
    expect(b.put(2), "a write")
    expect(b.sql("SHOW STATUS LIKE 'Rpl_semi_sync_master_yes_tx'").endswith("\t1"), "it was acknowledged without a standby")
    a.process.send_signal(signal.SIGSTOP)
    writer = waiting_writer(b, 3)
    b.refuses("demote", 2)
    b.does("promote", 3)  # the way back
    expect(writer.poll() is None, "a commit was acknowledged without a standby")
    a.process.send_signal(signal.SIGCONT)
    expect(writer.wait(10) == 0 and b.put(4), "the write goes on when the standby is back")
    b.is_now("primary", 4)


def test_a_commit_that_waits_is_not_acknowledged_by_follow(a, b):
    a.semi_sync = b.semi_sync = "ON"
    begun(a, b)
    b.end()
    writer = waiting_writer(a, 2)
    a.process.send_signal(signal.SIGSTOP)
    b.start()
    b.does("promote", 2)
    a.process.send_signal(signal.SIGCONT)
    a.hook("follow", 2, B)  # it may have what b has not; then a person has to look
    expect(writer.wait(15) != 0, "the client was told that its write is safe")
    expect(not a.put(3) and a.probe()["role"] == "standby", "it takes writes")


def main(arguments):
    if not shutil.which("mariadbd", path=ENVIRONMENT["PATH"]):
        print("there is no mariadbd: nothing was tried")
        return 1
    tests = [(n.removeprefix("test_"), f) for n, f in globals().items() if n.startswith("test_")]
    chosen = [(n, f) for n, f in tests if not arguments or arguments[0] in n]
    expect(chosen, f"there is no test {arguments}")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        hooks, template = Path(folder, "hooks"), Path(folder, "template")
        hooks.mkdir()
        settings = recipe(hooks)
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={template}/data", "--auth-root-authentication-method=socket", "--skip-test-db",
                        *(["--user=root"] if os.getuid() == 0 else [])], env=ENVIRONMENT, check=True, capture_output=True)  # fmt: skip
        for name, test in chosen:
            place, port = Path(folder, name), free_port()
            place.mkdir()
            (place / "server.ini").write_text(settings)
            members = [Server(n, ip, port, place, hooks, template) for n, ip in ((1, A), (2, B))]
            try:
                test(*members)
                print(f"ok   {name}", flush=True)
            except (AssertionError, OSError) as failure:
                failed += 1
                print(f"FAIL {name}: {type(failure).__name__}: {failure}", flush=True)
            finally:
                for member in members:
                    member.end()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
