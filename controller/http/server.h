// HTTP/1.1 server on Boost.Beast (cpprestsdk's can be ended by one request). Serves metrics, health and the REST API.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/tls.h"

namespace baton::http {

/// Who sent a request.
struct Peer {
  std::string address;  // "10.0.0.7", "fd00::7"
  uint16_t port = 0;
  bool tls = false;
};

struct ServerLimits {
  size_t header = size_t{16} << 10;  // bytes of request line and headers
  size_t body = size_t{1} << 20;     // bytes
  size_t connections = 256;          // more are closed at once; stay below the limit of open files
  size_t connectionsOfPeer = 64;     // of one IPv4 address, or IPv6 /64
  std::chrono::milliseconds handshake{5000};
  std::chrono::milliseconds head{10000};      // from its first byte (of the first request: from connecting) to its end
  std::chrono::milliseconds bodyRead{15000};  // of the body, to its end
  std::chrono::milliseconds write{15000};
  std::chrono::milliseconds idle{30000};  // between requests of one connection
  size_t streamed = size_t{16} << 20;     // bytes of a streamed body that wait for its client
};

struct ServerOptions {
  std::string address;  // "127.0.0.1:9090", "[::1]:9090", ":9090" for all interfaces; port 0: a free one
  /// Null: plain HTTP. Asked for each connection, so must be quick; see certificateFromFiles. A null context closes
  /// the connection.
  std::function<std::shared_ptr<TlsContext>()> tls;
  ServerLimits limits;
  int threads = 1;
};

/// Answers one request by calling `respond`, once, from any thread, now or later; a `respond` that is dropped unused
/// answers 500. Runs on the server's threads and must not block. Requests of one connection come one after another,
/// on HTTP/1.1 connections pipelined ones too. Targets are in origin form, without fragment and dot segments (those
/// are refused: 400). Of the response's headers Content-Length, Connection and Transfer-Encoding are the server's own.
///
/// With `Response::stream` the body is sent as it comes to be, after `Response::body`, until the connection ends; the
/// limit of `write` holds for each part of it. The server's stop and whatever else the client sends end it.
using Respond = std::function<void(Response)>;
using Handler = std::function<void(Request, Peer, Respond)>;

class ServerCore;

class Server {
 public:
  /// Unavailable: the address cannot be listened on.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);
  /// As stop(0).
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Stops accepting, closes idle connections, waits until requests under way are answered, for `grace` at most, then
  /// closes all. Blocks; not to be called on a server's thread. `respond` may be called afterwards, without effect.
  void stop(std::chrono::milliseconds grace);

  uint16_t port() const;
  size_t connections() const;  // open now
  uint64_t shed() const;       // closed at once because there were too many

 private:
  explicit Server(std::shared_ptr<ServerCore> core);
  std::shared_ptr<ServerCore> core_;
};

}  // namespace baton::http
