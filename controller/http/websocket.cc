#include "http/websocket.h"

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "http/status_error.h"
#include "http/tls.h"
#include "http/url.h"

namespace baton::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ws = beast::websocket;
using tcp = asio::ip::tcp;
using Code = boost::system::error_code;

constexpr size_t kMostMessage = size_t{1} << 20;  // the API server sends 32 kB at a time
constexpr size_t kMostStatus = size_t{64} << 10;

using PlainStream = ws::stream<beast::tcp_stream>;
using TlsStream = ws::stream<beast::ssl_stream<beast::tcp_stream>>;

}  // namespace

namespace {
class Running {
 public:
  virtual ~Running() = default;
  virtual void end(ExecOutput::End how) = 0;  // on the client's thread
};
}  // namespace

/// What the client and its thread share. Sessions are owned by the operations pending here.
struct ExecClient::Core {
  asio::io_context io{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard{io.get_executor()};
  std::unordered_set<Running*> running;  // touched on the thread only
  std::thread thread;
};

namespace {

// One command. Lives while one of its asynchronous operations is pending; each of them holds a shared_ptr to it, and
// finish() ends them all. Everything runs on the client's one thread, so there is nothing to lock.
template <class Stream>
class Session final : public Running, public std::enable_shared_from_this<Session<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
  using Done = std::function<void(Result<ExecOutput>)>;

  template <class... StreamArguments>
  Session(asio::io_context& io, std::unordered_set<Running*>& running, ExecCall call, Url url, Done done,
          StreamArguments&... arguments)
      : running_(running),
        call_(std::move(call)),
        url_(std::move(url)),
        done_(std::move(done)),
        resolver_(io),
        deadline_(io),
        stream_(io, arguments...) {}

  void begin() {
    running_.insert(this);
    deadline_.expires_after(call_.deadline);
    deadline_.async_wait([self = this->shared_from_this()](Code error) {
      if (!error) self->end(ExecOutput::End::TimedOut);
    });
    if (url_.literal) return connect(std::array{tcp::endpoint(asio::ip::make_address(url_.host), url_.port)});
    resolver_.async_resolve(url_.host, std::to_string(url_.port),
                            [self = this->shared_from_this()](Code error, const tcp::resolver::results_type& found) {
                              if (error) return self->failed("cannot resolve the name", error);
                              self->connect(found);
                            });
  }

  void end(ExecOutput::End how) override {
    if (open_) {
      output_.end = how;
      return finish(std::move(output_));
    }
    finish(how == ExecOutput::End::Cancelled
               ? cancelled(what() + ": cancelled")
               : timedOut(what() + ": no answer within " + std::to_string(call_.deadline.count()) + " ms"));
  }

 private:
  std::string what() const { return "exec at " + url_.authority(); }
  auto& socket() { return beast::get_lowest_layer(stream_); }

  template <class Endpoints>
  void connect(const Endpoints& endpoints) {
    if (!done_) return;
    socket().async_connect(endpoints, [self = this->shared_from_this()](Code error, const tcp::endpoint&) {
      if (error) return self->failed("cannot connect", error);
      Code ignored;
      self->socket().socket().set_option(tcp::no_delay(true), ignored);
      self->secure();
    });
  }

  void secure() {
    if constexpr (kTls) {
      resumeSession(stream_.next_layer().native_handle());
      stream_.next_layer().async_handshake(asio::ssl::stream_base::client,
                                           [self = this->shared_from_this()](Code error) {
                                             if (error) return self->refusedByTls(error);
                                             self->upgrade();
                                           });
    } else {
      upgrade();
    }
  }

  void refusedByTls(Code error) {
    if constexpr (kTls) {
      const std::string why = refusal(stream_.next_layer().native_handle());
      failed("TLS handshake" + (why.empty() ? "" : " (" + why + ")"), error);
    }
  }

  void upgrade() {
    if (!done_) return;
    std::string protocols;
    for (const std::string& p : call_.protocols) protocols += (protocols.empty() ? "" : ", ") + p;
    // Kept by the stream: must not hold a reference to this session, which owns the stream.
    stream_.set_option(ws::stream_base::decorator([protocols, headers = call_.headers](ws::request_type& request) {
      for (const auto& [key, value] : headers) request.set(key, value);
      request.set(beast::http::field::sec_websocket_protocol, protocols);
    }));
    stream_.read_message_max(kMostMessage);
    stream_.async_handshake(answer_, url_.authority(), call_.target, [self = this->shared_from_this()](Code error) {
      if (error == ws::error::upgrade_declined) return self->refused();
      if (error) return self->failed("cannot upgrade to a WebSocket", error);
      self->upgraded();
    });
  }

  void refused() {
    Headers headers;
    for (const auto& field : answer_) headers.emplace_back(field.name_string(), field.value());
    finish(statusError(static_cast<int>(answer_.result_int()), headers, answer_.body()));
  }

  void upgraded() {
    if (!done_) return;
    const auto chosen = answer_[beast::http::field::sec_websocket_protocol];
    if (std::find(call_.protocols.begin(), call_.protocols.end(), std::string(chosen)) == call_.protocols.end())
      return finish(invalid(what() + ": the server speaks '" + std::string(chosen) + "'"));
    open_ = true;
    read();
  }

  void read() {
    stream_.async_read(buffer_, [self = this->shared_from_this()](Code error, size_t) {
      if (!self->done_) return;
      if (error) return self->end(error == ws::error::closed ? ExecOutput::End::Closed : ExecOutput::End::Lost);
      self->take();
    });
  }

  // One message: the channel's number, then its data. Channel 255 tells that a channel has closed; as nothing is
  // awaited but the status, it is passed over.
  void take() {
    const auto data = buffer_.data();
    const std::string_view message(static_cast<const char*>(data.data()), data.size());
    if (!message.empty()) {
      const std::string_view content = message.substr(1);
      if (message[0] == 1) keep(output_.out, content, output_.outCut);
      if (message[0] == 2) keep(output_.err, content, output_.errCut);
      if (message[0] == 3 && !content.empty()) {
        output_.status = content.substr(0, kMostStatus);
        return end(ExecOutput::End::Status);
      }
    }
    buffer_.consume(buffer_.size());
    read();
  }

  void keep(std::string& to, std::string_view content, bool& cut) const {
    const size_t room = call_.outputLimit - to.size();
    to.append(content.substr(0, room));
    cut = cut || content.size() > room;
  }

  void failed(const std::string& step, Code error) {
    finish(unavailable(what() + ": " + step + ": " + error.message()));
  }

  // No close handshake, neither WebSocket's nor TLS's: the result is complete, and waiting would only cost time.
  void finish(Result<ExecOutput> result) {
    if (!done_) return;
    running_.erase(this);
    Code ignored;
    socket().socket().shutdown(tcp::socket::shutdown_both, ignored);
    socket().close();
    resolver_.cancel();
    deadline_.cancel();
    const Done done = std::exchange(done_, nullptr);
    try {
      done(std::move(result));
    } catch (const std::exception& e) {
      log::error("the callback of an exec threw an exception", {{"error", e.what()}});
    }
  }

  std::unordered_set<Running*>& running_;
  const ExecCall call_;
  const Url url_;
  Done done_;  // null: finished
  tcp::resolver resolver_;
  asio::steady_timer deadline_;
  Stream stream_;
  ws::response_type answer_;
  bool open_ = false;  // the upgrade has been accepted
  beast::flat_buffer buffer_;
  ExecOutput output_;
};

// What callers hold: it may outlive the session, and the client.
class Handle final : public Call {
 public:
  Handle(std::weak_ptr<asio::io_context> io, std::weak_ptr<Running> session)
      : io_(std::move(io)), session_(std::move(session)) {}
  void cancel() override {
    const auto io = io_.lock();
    if (!io) return;
    asio::post(*io, [session = session_] {
      if (const auto s = session.lock()) s->end(ExecOutput::End::Cancelled);
    });
  }

 private:
  const std::weak_ptr<asio::io_context> io_;
  const std::weak_ptr<Running> session_;
};

}  // namespace

ExecClient::ExecClient() : core_(std::make_shared<Core>()) {
  core_->thread = std::thread([core = core_.get()] { core->io.run(); });
}

ExecClient::~ExecClient() {
  asio::post(core_->io, [core = core_.get()] {
    while (!core->running.empty()) (*core->running.begin())->end(ExecOutput::End::Cancelled);
    core->guard.reset();
  });
  core_->thread.join();
}

CallHandle ExecClient::run(ExecCall call, std::function<void(Result<ExecOutput>)> done) {
  const std::shared_ptr<asio::io_context> io(core_, &core_->io);
  const auto refuse = [&](Error error) -> CallHandle {
    asio::post(*io, [done = std::move(done), error = std::move(error)] { done(error); });
    return std::make_shared<Handle>(io, std::weak_ptr<Running>());
  };
  const auto start = [&](auto session) -> CallHandle {
    asio::post(*io, [session] { session->begin(); });
    return std::make_shared<Handle>(io, session);
  };
  Result<Url> url = parseUrl(call.url);
  if (!url) return refuse(url.error());
  if (!wellFormed(call.headers) || !call.target.starts_with('/')) return refuse(invalid("exec: malformed request"));
  if (!url->tls)
    return start(std::make_shared<Session<PlainStream>>(*io, core_->running, std::move(call), *url, std::move(done)));
  const auto context = clientContext(call.tls, url->host);
  if (!context) return refuse(context.error());
  return start(
      std::make_shared<Session<TlsStream>>(*io, core_->running, std::move(call), *url, std::move(done), **context));
}

}  // namespace baton::http
