"""Loaded by schemathesis: who calls, from where, and how an answer in XML is read.

Environment: BATON_CALLER, a user of callers.py, or nothing.
"""
import itertools
import os
import xml.etree.ElementTree

import schemathesis
import urllib3.util.connection
from callers import CALLERS

CALLER = os.environ.get("BATON_CALLER")
if CALLER:
    schemathesis.auth.set_from_requests(CALLERS[CALLER])

# Failed log-ins make the next ones of their address wait, so each call comes from another one.
_addresses = (f"127.{a}.{b}.{c}" for a, b, c in itertools.product(range(1, 255), repeat=3))
_connect = urllib3.util.connection.create_connection


def _connect_from_another_address(address, timeout=None, source_address=None, socket_options=None):
    return _connect(address, timeout, (next(_addresses), 0), socket_options)


urllib3.util.connection.create_connection = _connect_from_another_address

# What a session border controller's client takes decides the form of the answer.
_accepted = itertools.cycle(("*/*", "application/xml", "application/json"))
# Without these a call is refused before its other parameters are looked at; so is one with a parameter in query and form.
_needed = {"Action": "FailoverDBCluster", "Version": "2017-08-01", "DBClusterId": "pc-bp1s826a1up1u2k5y"}


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["Accept"] = next(_accepted)
    if case.path == "/" and CALLER == "Administrator":
        for name, value in _needed.items():
            case.query.setdefault(name, value)
        if isinstance(case.body, dict):
            case.body = {name: value for name, value in case.body.items() if name not in case.query}


@schemathesis.deserializer("application/xml", "text/xml")
def read_xml(context, response):
    """The object that the schema describes: attributes and elements are properties, `messages` and `links` are lists."""
    def read(element):
        if element.tag in ("messages", "links"):
            return [{**one.attrib, "message": one.text or ""} for one in element]
        if len(element) or element.tag == "data":
            return {one.tag: read(one) for one in element}
        return element.text or ""
    return read(xml.etree.ElementTree.fromstring(response.content)) if response.content else None
