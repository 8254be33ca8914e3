"""The outcomes that the vendors' documents have, word for word as far as they are short."""

READ = 'GET: Response "<HA role>"'
CHANGED = "POST: Response (empty)"
READERS = "GET: Roles Administrator, Display, Support"
WRITERS = "POST: Roles Administrator"

BY_STATUS = {
    "connector": {204: CHANGED, 400: "INVALID_REQUEST (400)", 409: "ILLEGAL_STATE (409)"},
    "dcs": {204: "204 Master/standby switchover performed successfully.", 400: "400 Invalid request.",
            401: "401 Invalid authentication information.", 403: "403 The request is rejected.",
            404: "404 The requested resource is not found.", 500: "500 Internal service error."},
    "hcx": {202: "202 Accepted", 401: "401 Unauthorized", 403: "403 Forbidden", 404: "404 Not Found", 409: "409 Conflict",
            500: "500 Internal Server Error"},
    "sbc": {204: "204 HA switchover request received.", 400: "400 The request is malformed or is missing required information.",
            401: "401 Request lacks valid authentication credentials.", 403: "403 This request requires administrator privileges.",
            404: "404 Unsupported versionId in URI."},
}

# code: (status, message), of the table of error codes
POLARDB = {
    "HaStatusNotSupport": (400, "Current DB instance HA status does not support this operation."),
    "InvalidDBNodeId.Malformed": (400, "The specified parameter DBNodeId is not valid."),
    "InvalidDBType.Malformed": (400, "The Specified DBType is not valid."),
    "UnsupportHighFrequenceSwitchOver": (400, "The instance has switch over too frequent within ten minutes."),
    "UnsupportWitchUnhealthyReplication": (400, "The action is unsupported with unhealthy replication."),
    "OperationDenied.DBNodeType": (403, "The operation is not permitted due to type of node."),
    "OperationDenied.ClusterCategory": (403, "The operation is not permitted due to cluster category."),
    "InvalidDBCluster.NotFound": (404, "The DBClusterId provided does not exist in our records."),
    "InvalidDBClusterId.Malformed": (404, "The specified parameter DBClusterId is not valid."),
}
DONE = "200 RequestId"

DOCUMENTED = {path: list(rows.values()) for path, rows in BY_STATUS.items()}
DOCUMENTED["connector"] += [READ, READERS, WRITERS]
DOCUMENTED["polardb"] = [DONE] + [f"{status} {code}" for code, (status, _) in POLARDB.items()]


def row(path, status, code=""):
    """The document's row for an answer; Baton's own when it has none."""
    if path == "polardb":
        return DONE if status == 200 else f"{status} {code}" if code in POLARDB else f"*Baton* {status} {code}"
    return BY_STATUS[path].get(status) or f"*Baton* {status} {code}".rstrip()
