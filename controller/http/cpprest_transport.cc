#include "http/cpprest_call.h"
#include "http/url.h"

// Behind <utility>, which Boost 1.74's headers use without including it.
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pplx/threadpool.h>
#include <sys/socket.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdlib>
#include <future>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace baton::http {
namespace {

using web::http::client::http_client;
using web::http::client::http_client_config;

// Only a last resort: RequestCall and StreamCall keep their own time.
constexpr std::chrono::hours kInactivity{1};

// For calls that nobody has cancelled; the others are gone in milliseconds.
constexpr std::chrono::seconds kPatienceAtExit{2};

class CpprestTransport final : public Transport {
 public:
  CpprestTransport(const Url& url, const TransportOptions& options);
  CallHandle send(Request request, std::function<void(Result<Response>)> done) override;
  CallHandle stream(Request request, StreamHandlers handlers) override;

 private:
  std::string what(const Request& request) const { return std::string(name(request.method)) + " " + origin_->url; }

  const std::shared_ptr<cpprest::Origin> origin_;
  // Apart, so that streams are not given connections that requests have just used, nor the other way round.
  http_client requests_;
  http_client streams_;
};

/// A server that vanished without a word is noticed after half a minute on connections that serve more than one
/// request: by what is not acknowledged, or not answered by probes. https://man7.org/linux/man-pages/man7/tcp.7.html
/// For the first request of a connection its own time limit has to do: cpprestsdk asks before it connects.
void noticeSilence(boost::asio::ip::tcp::socket& socket) {
  if (!socket.is_open()) return;
  const int fd = socket.native_handle();
  int on = 0;
  socklen_t size = sizeof on;
  if (getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &size) != 0 || on != 0) return;
  const auto set = [fd](int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);  // ms
  set(IPPROTO_TCP, TCP_KEEPIDLE, 15);         // seconds
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
}

http_client_config configuration(const Url& url, const TransportOptions& options, std::shared_ptr<RefusalNote> refusals,
                                 size_t chunk) {
  http_client_config config;
  config.set_timeout(kInactivity);
  config.set_max_redirects(0);
  config.set_chunksize(chunk);
  config.set_tlsext_sni_enabled(false);  // configureClient does
  config.set_nativehandle_options([tls = url.tls](web::http::client::native_handle handle) {
    using Socket = boost::asio::ip::tcp::socket;
    noticeSilence(tls ? static_cast<boost::asio::ssl::stream<Socket&>*>(handle)->next_layer()
                      : *static_cast<Socket*>(handle));
  });
  config.set_ssl_context_callback(
      [host = url.host, tls = options.tls, refusals = std::move(refusals)](boost::asio::ssl::context& context) {
        const Status s = configureClient(context, tls ? tls() : Tls{}, host, refusals);
        if (!s) throw std::invalid_argument(s.error().message);
      });
  return config;
}

CpprestTransport::CpprestTransport(const Url& url, const TransportOptions& options)
    : origin_(std::make_shared<cpprest::Origin>(cpprest::Origin{options.url})),
      requests_(web::uri(options.url), configuration(url, options, origin_->refusals, size_t{16} << 10)),
      streams_(web::uri(options.url), configuration(url, options, origin_->refusals, size_t{16} << 10)) {}

CallHandle CpprestTransport::send(Request request, std::function<void(Result<Response>)> done) {
  auto call = std::make_shared<cpprest::RequestCall>(origin_, what(request), std::move(done));
  const auto timeout = request.timeout;
  Result<web::http::http_request> out = cpprest::outgoing(std::move(request));
  if (out)
    call->start(requests_, std::move(out).value(), timeout);
  else
    call->abort(std::move(out).error());
  return call;
}

CallHandle CpprestTransport::stream(Request request, StreamHandlers handlers) {
  auto call = std::make_shared<cpprest::StreamCall>(origin_, what(request), std::move(handlers));
  const auto silence = request.timeout;
  Result<web::http::http_request> out = cpprest::outgoing(std::move(request));
  if (out)
    call->start(streams_, std::move(out).value(), silence);
  else
    call->abort(std::move(out).error());
  return call;
}

// Stands for a server whose URL cannot be used: each call fails and says why.
class NoTransport final : public Transport {
 public:
  explicit NoTransport(Error error) : error_(std::move(error)) {}

  CallHandle send(Request, std::function<void(Result<Response>)> done) override {
    auto call = std::make_shared<cpprest::RequestCall>(nullptr, "", std::move(done));
    call->abort(error_);
    return call;
  }
  CallHandle stream(Request, StreamHandlers handlers) override {
    auto call = std::make_shared<cpprest::StreamCall>(nullptr, "", std::move(handlers));
    call->abort(error_);
    return call;
  }

 private:
  const Error error_;
};

}  // namespace

std::shared_ptr<Transport> makeTransport(TransportOptions options) {
  const Result<Url> url = parseUrl(options.url);
  if (!url) return std::make_shared<NoTransport>(url.error());
  if (url->host.find(':') != std::string::npos)
    return std::make_shared<NoTransport>(
        invalid("'" + options.url + "': cpprestsdk cannot connect to IPv6 addresses; use a name that resolves to it"));
  try {
    return std::make_shared<CpprestTransport>(*url, options);
  } catch (const std::exception& e) {
    return std::make_shared<NoTransport>(invalid("'" + options.url + "': " + e.what()));
  }
}

void initialise(int threads) {
  static std::once_flag once;
  std::call_once(once, [threads] {
    hideSystemCas();
    // Before the pool, so that it is cleaned up after it when the process ends: the pool's threads use OpenSSL.
    OPENSSL_init_ssl(0, nullptr);
    crossplat::threadpool::initialize_with_threads(static_cast<size_t>(threads));
    // When the process ends, this runs before the pool is destroyed: what the timers gave it has been taken by then,
    // and calls that were cancelled or have just ended are freed, for what the pool has not run is never freed.
    std::atexit([] {
      std::promise<void> through;
      cpprest::deadlines().after(std::chrono::seconds(0), [&through] { through.set_value(); });
      through.get_future().wait();
      cpprest::Alive::awaitNone(kPatienceAtExit);
    });
  });
}

}  // namespace baton::http
