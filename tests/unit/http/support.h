// What the tests of the HTTP layer share: certificates made on the spot, waiting for callbacks, counting resources.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"
#include "http/transport.h"

namespace baton::http::test {

/// cpprestsdk wants this before all else.
inline const bool ready = (initialise(2), true);

/// So long that only a hang reaches it.
constexpr std::chrono::seconds kHang{60};

/// One value that another thread delivers. A second one fails the test.
template <class T>
class Waiter {
 public:
  void set(T value) {
    if (count_++ == 0)
      promise_.set_value(std::move(value));
    else
      ADD_FAILURE() << "called twice";
  }
  T get() {
    if (future_.wait_for(kHang) != std::future_status::ready) {
      ADD_FAILURE() << "never called";
      std::abort();
    }
    return future_.get();
  }

 private:
  std::atomic<int> count_{0};
  std::promise<T> promise_;
  std::future<T> future_ = promise_.get_future();
};

/// Sends and waits.
inline Result<Response> fetch(Transport& transport, Request request) {
  const auto waiter = std::make_shared<Waiter<Result<Response>>>();
  transport.send(std::move(request), [waiter](Result<Response> r) { waiter->set(std::move(r)); });
  return waiter->get();
}
inline Request get(std::string target) {
  Request r;
  r.target = std::move(target);
  r.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(kHang);
  return r;
}

struct Authority {
  std::string certificate;  // PEM
  std::string key;
};
Authority makeAuthority(const std::string& name = "test CA");
struct Identity {
  std::string chain;
  std::string key;
};
/// names: "DNS:localhost,IP:127.0.0.1"
Identity issue(const Authority& by, const std::string& names);

size_t openFiles();
/// Whether no more than `most` files are open, now or within half a minute: closing goes on in other threads.
bool openFilesFallTo(size_t most);
size_t threads();

/// A server on a free port of 127.0.0.1. What of its options is not set here is set by `adjust`.
std::unique_ptr<Server> serve(Handler handler, std::function<void(ServerOptions&)> adjust = {});
/// The same with that certificate.
std::unique_ptr<Server> serveTls(const ServerCertificate& certificate, Handler handler);
/// Answers 200 with method, target and body in the body.
void echo(Request request, Peer peer, Respond respond);
inline std::string url(const Server& server, const std::string& scheme = "http",
                       const std::string& host = "127.0.0.1") {
  return scheme + "://" + host + ":" + std::to_string(server.port());
}

}  // namespace baton::http::test
