// The door through which requests leave. One implementation (cpprestsdk) stands behind it; tests put their own here.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace baton::http {

/// A request under way. Dropping the handle does not end it.
class Call {
 public:
  virtual ~Call() = default;
  /// Ends it: `done` then runs with Error::Kind::Cancelled, unless it has run or is running. Safe from any thread.
  virtual void cancel() = 0;
};
using CallHandle = std::shared_ptr<Call>;

struct StreamHandlers {
  /// Status line and headers are there. Runs once, before any data. For a status other than 2xx no data follows:
  /// `done` gets the error, with the start of the body (up to 64 KiB) as message.
  std::function<void(const Response& head)> head;
  /// A piece of the body, in order, never two at once. Must not block. false ends the stream (done: Cancelled).
  std::function<bool(std::string_view piece)> data;
  /// Runs exactly once, last. ok: the server ended the body in order.
  std::function<void(Status)> done;
};

/// Sends requests to one server (scheme, host and port). All callbacks run on the transport's own threads and must
/// not block. Errors: Unavailable (could not connect, connection lost), Timeout, Cancelled, Invalid (cannot be sent).
/// HTTP statuses of 400 and more are not errors of `send`: they come as a Response.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual CallHandle send(Request request, std::function<void(Result<Response>)> done) = 0;
  virtual CallHandle stream(Request request, StreamHandlers handlers) = 0;
};

/// Certificates in PEM form. Empty: not set.
struct Tls {
  std::string ca;          // trusted instead of the system's; empty: the system's
  std::string clientCert;  // chain
  std::string clientKey;
  std::string serverName;  // name expected in the server's certificate, and sent as SNI; empty: the URL's host
  bool insecureSkipVerify = false;
};

struct TransportOptions {
  std::string url;  // "https://10.240.0.1:6443"
  /// Asked for each new connection, so that renewed certificates are used. May run on any thread.
  std::function<Tls()> tls;
};

/// The cpprestsdk transport. Call initialise() once before, first thing in main.
std::shared_ptr<Transport> makeTransport(TransportOptions options);

/// Prepares cpprestsdk: its thread pool, and that it doesn't parse the system's CA bundle for each connection. One
/// thread does for callbacks that don't block; a second one costs a fifth more CPU, as each step of a request may then
/// wake another thread.
void initialise(int threads = 1);

}  // namespace baton::http
