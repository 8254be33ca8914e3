// PURE: how a command in a container ended.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/websocket.h"

namespace baton::mechanisms {

struct ExecStatus {
  bool success = false;
  std::optional<int> exitCode;  // nothing: the command could not be run, or nobody knows
  std::string message;          // why not a success: "exit code 3", or the server's words
};

/// The Status object of channel 3: https://github.com/kubernetes/apimachinery/blob/master/pkg/util/remotecommand/
/// (v4 and later). Success, Failure with reason NonZeroExitCode and a cause ExitCode, or any other failure. Unlike all
/// other Status objects this one comes without kind and apiVersion.
ExecStatus parseExecStatus(std::string_view status);

/// What to tell of a command's end: of a success its standard output, of a failure the reason, standard output and
/// standard error; at most kMostText bytes of output.
std::string execMessage(const ExecStatus& status, const http::ExecOutput& output);

/// Does the API server's refusal say that the pod is not there? (A 404 may also come from the kubelet and mean the
/// container.)
bool saysPodNotFound(std::string_view statusObject, std::string_view pod);

/// Do the kubelet's or the runtime's words say that the container does not run? There is no code for it.
bool saysNotRunning(std::string_view words);

/// Do the API server's words say that the pod's node does not answer? Not so when the node turns it away, as it does
/// while its kubelet is down: then the node is there, and its pods may be.
bool saysNodeUnreachable(std::string_view words);

}  // namespace baton::mechanisms
