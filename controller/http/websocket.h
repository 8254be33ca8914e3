// Commands in containers (pods/exec) over a WebSocket: https://kubernetes.io/docs/reference/using-api/
// Boost.Beast, not cpprestsdk, whose WebSocket client ends the process now and then.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "http/transport.h"

namespace baton::http {

struct ExecCall {
  std::string url;     // "https://10.240.0.1:6443"; http:// is for tests
  std::string target;  // "/api/v1/namespaces/x/pods/y/exec?stdout=true&stderr=true&command=..."
  Headers headers;     // Authorization and the like
  std::vector<std::string> protocols{"v5.channel.k8s.io"};
  Tls tls;
  std::chrono::milliseconds deadline{30000};  // for all of it, from connecting to the exit status
  size_t outputLimit = size_t{64} << 10;      // bytes kept of stdout, and of stderr
};

/// What came back from a command that was begun, or very likely so: the server has accepted the upgrade.
struct ExecOutput {
  enum class End {
    Status,     // `status` is there, in full: the command has ended, or could not be started
    Closed,     // the server closed the connection without a status
    Lost,       // the connection broke
    TimedOut,   // at the deadline; the command itself may run on
    Cancelled,  // by us; the same
  };
  End end = End::Lost;
  std::string status;  // the server's Status object (JSON) as it came: exit code, or why not
  std::string out;
  std::string err;
  bool outCut = false;  // there was more than outputLimit; this is its start
  bool errCut = false;
};

/// Runs commands, any number at a time, on one thread of its own. Connections are not reused, TLS sessions are.
class ExecClient {
 public:
  ExecClient();
  /// Ends what is under way: every `done` has run when this returns. Not to be called from one.
  ~ExecClient();
  ExecClient(const ExecClient&) = delete;
  ExecClient& operator=(const ExecClient&) = delete;

  /// `done` runs exactly once, on the client's thread, and must not block. An Error: the upgrade was not completed.
  /// Unavailable (connecting, TLS), Timeout, Cancelled, Invalid, or as statusError() has it, the server's Status object
  /// as message, when it refused.
  CallHandle run(ExecCall call, std::function<void(Result<ExecOutput>)> done);

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace baton::http
