#include "http/session.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <ctime>
#include <thread>
#include <type_traits>
#include <utility>

#include "base/log.h"
#include "base/time.h"
#include "http/body_queue.h"
#include "http/request_target.h"
#include "http/status_error.h"

namespace baton::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = beast::http;
using tcp = asio::ip::tcp;
using Code = boost::system::error_code;
using Parser = bhttp::request_parser<bhttp::string_body>;
using Incoming = Parser::value_type;

using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr size_t kIdleBuffer = 8192;  // bytes that an idle connection keeps
constexpr std::chrono::seconds kLinger{2};
constexpr size_t kLingerBytes = size_t{256} << 10;
constexpr size_t kReadAhead = size_t{16} << 10;

// Why a request is not to be handled at all.
struct Refusal {
  int status = 0;  // 0: none
  const char* why = "";
};

// What a proxy in front might understand in another way than we do: such requests can hide a second one.
Refusal ambiguous(const Parser& parser) {
  const Incoming& m = parser.get();
  const size_t encodings = m.count(bhttp::field::transfer_encoding);
  const size_t lengths = m.count(bhttp::field::content_length);
  if (encodings > 0 && (encodings > 1 || lengths > 0 || m.version() != 11 || !parser.chunked() ||
                        !beast::iequals(m[bhttp::field::transfer_encoding], "chunked")))
    return {400, "Transfer-Encoding is not exactly chunked\n"};
  const auto length = m[bhttp::field::content_length];  // Beast takes "2, 2" for 2
  if (lengths > 1 || length.find_first_not_of("0123456789") != length.npos)
    return {400, "Content-Length is not exactly one number\n"};
  const size_t hosts = m.count(bhttp::field::host);
  if (hosts > 1 || (hosts == 0 && m.version() == 11)) return {400, "not exactly one Host header\n"};
  const auto host = m[bhttp::field::host];
  if (!validHost({host.data(), host.size()})) return {400, "the Host header is not a host\n"};
  if (m.version() != 11 && m.version() != 10) return {505, "HTTP version not supported\n"};
  return {};
}

// The answer to what the parser has refused; status 0: just close.
Refusal refusalOf(Code error) {
  if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message) return {};
  if (error == bhttp::error::body_limit) return {413, "the body is too large\n"};
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow)
    return {431, "the headers are too large\n"};
  if (error.category() == bhttp::make_error_code(bhttp::error::bad_value).category())
    return {400, "malformed request\n"};
  return {};
}

/// Of now; https://www.rfc-editor.org/rfc/rfc9110#field.date
const std::string& httpDate() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made || text.empty()) text = formatHttpTime(Time(std::chrono::seconds(now))), made = now;
  return text;
}

/// A peer that no longer acknowledges what is sent is given up after that time: https://www.rfc-editor.org/rfc/rfc5482
void endWhenSilent(tcp::socket& socket, std::chrono::milliseconds after) {
  Code ignored;
  socket.set_option(
      asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>(static_cast<int>(after.count())), ignored);
}

std::string printable(std::string value) {
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c != '\t' && (static_cast<unsigned char>(c) < 32 || c == 127); },
      ' ');
  return value;
}

/// Everything runs on the connection's strand, but what Connection says is safe. Lives while an operation is pending;
/// while the handler works none is, and the connection keeps itself (self_).
template <class Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  template <class... StreamArguments>
  Session(std::shared_ptr<ServerCore> core, Peer peer, StreamArguments&&... arguments)
      : core_(std::move(core)),
        peer_(std::move(peer)),
        stream_(std::forward<StreamArguments>(arguments)...),
        buffer_(core_->options.limits.header + kReadAhead) {}
  ~Session() override { core_->forget(this, peer_.address); }

  void begin() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->secure(); });
  }
  void drain() override {
    core_->post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (self->body_)
        self->body_->finish();
      else if (self->idle_ || self->untouched())
        self->lowest().close();
    });
  }
  void abort() override {
    core_->post(stream_.get_executor(), [self = this->shared_from_this()] {
      self->lowest().close();
      self->self_.reset();
    });
  }

 private:
  const ServerLimits& limits() const { return core_->options.limits; }
  /// No byte of a request has come yet.
  bool untouched() const { return !parser_ || (!parser_->got_some() && buffer_.size() == 0); }
  auto& lowest() { return beast::get_lowest_layer(stream_); }

  void secure() {
    if constexpr (kTls) {
      lowest().expires_after(limits().handshake);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](Code error) {
        if (!error) return self->readHead();
        // The alert that says why has been sent; the client may be sending its first request already.
        self->lowest().expires_after(kLinger);
        self->linger();
      });
    } else {
      readHead();
    }
  }

  void readHead() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(limits().header));
    parser_->body_limit(limits().body);
    lowest().expires_after(limits().head);
    bhttp::async_read_header(stream_, buffer_, *parser_, [self = this->shared_from_this()](Code error, size_t) {
      if (error) return self->refuse(refusalOf(error));
      self->gotHead();
    });
  }

  void gotHead() {
    const Incoming& m = parser_->get();
    if (const Refusal r = ambiguous(*parser_); r.status != 0) return refuse(r);
    const auto method = methodNamed({m.method_string().data(), m.method_string().size()});
    if (!method) return refuse({501, "method not implemented\n"});
    auto target = readTarget(std::string_view(m.target().data(), m.target().size()), *method);
    if (!target && *method == Method::Connect) return refuse({501, "no tunnels are made\n"});
    if (!target) return refuse({400, "target not supported\n"});
    if (target->authority) parser_->get().set(bhttp::field::host, *target->authority);
    last_ = *method == Method::Trace || *method == Method::Connect || *method == Method::Other;
    request_ = {};
    request_.method = *method;
    request_.target = std::move(target->origin);
    const auto expect = m[bhttp::field::expect];
    if (parser_->is_done()) return handle();  // without a body
    if (expect.empty() || m.version() != 11) return readBody();
    if (!beast::iequals(expect, "100-continue")) return refuse({417, "expectation not supported\n"});
    interim_ = {bhttp::status::continue_, 11};
    lowest().expires_after(limits().write);
    bhttp::async_write(stream_, interim_, [self = this->shared_from_this()](Code error, size_t) {
      if (!error) self->readBody();
    });
  }

  void readBody() {
    lowest().expires_after(limits().bodyRead);
    bhttp::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](Code error, size_t) {
      if (error) return self->refuse(refusalOf(error));
      self->handle();
    });
  }

  // Calls the session back once: with the response, or when the last copy of `respond` has gone.
  class Answer {
   public:
    explicit Answer(std::weak_ptr<Session> session) : session_(std::move(session)) {}
    ~Answer() { give({500, {}, "internal error\n"}); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    void give(Response response) {
      if (given_.exchange(true)) return;
      const auto self = session_.lock();
      if (!self) return;
      if (self->handling_ == std::this_thread::get_id()) {  // on the strand, below handle(), which looks for it
        self->early_ = std::move(response);
        return;
      }
      self->core_->post(self->stream_.get_executor(),
                        [self, response = std::move(response)]() mutable { self->answer(std::move(response), true); });
    }

   private:
    const std::weak_ptr<Session> session_;
    std::atomic<bool> given_{false};
  };

  void handle() {
    lowest().expires_never();
    Incoming& m = parser_->get();
    for (const auto& field : m) request_.headers.emplace_back(field.name_string(), field.value());
    request_.body = std::move(m.body());
    self_ = this->shared_from_this();
    auto pending = std::make_shared<Answer>(this->weak_from_this());
    handling_ = std::this_thread::get_id();
    try {
      core_->handler(std::move(request_), peer_, [pending](Response response) { pending->give(std::move(response)); });
    } catch (const std::exception& e) {
      log::error("the handler of an HTTP request threw an exception", {{"error", e.what()}});
    }
    handling_ = std::thread::id();
    if (auto response = std::exchange(early_, std::nullopt)) answer(std::move(*response), true);
  }

  void refuse(Refusal refusal) {
    // https://www.rfc-editor.org/rfc/rfc9112#section-3-4
    if (refusal.status == 431 && parser_->get().target().empty()) refusal = {414, "the target is too long\n"};
    if (refusal.status != 0) answer({refusal.status, {{"Content-Type", "text/plain"}}, refusal.why}, false);
  }

  // On the strand. A connection that is to be closed, or has been, ends here.
  void answer(Response response, bool mayKeep) {
    const auto self = this->shared_from_this();
    self_.reset();
    if (!lowest().socket().is_open()) return;
    const bool streamed = response.stream != nullptr;
    const bool keep = mayKeep && !last_ && parser_->keep_alive() && !core_->draining() && !streamed;
    const bool isHead = parser_->is_header_done() && parser_->get().method() == bhttp::verb::head;
    const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(response.status));
    for (auto& [name, value] : response.headers) {
      if (wellFormed({{name, ""}})) response_.insert(name, printable(std::move(value)));
    }
    for (const auto ours : {bhttp::field::content_length, bhttp::field::transfer_encoding, bhttp::field::connection})
      response_.erase(ours);
    if (response_.count(bhttp::field::date) == 0) response_.set(bhttp::field::date, httpDate());
    if (!bodiless && !streamed) response_.content_length(response.body.size());
    if (!bodiless && !isHead) response_.body() = std::move(response.body);
    setConnection(keep);
    lowest().expires_after(limits().write);
    if (isHead) response.stream = nullptr;
    bhttp::async_write(stream_, response_, [self, keep, stream = std::move(response.stream)](Code error, size_t) {
      self->response_ = {};
      if (error) return;
      if (stream)
        self->sendStream(stream);
      else if (keep)
        self->next();
      else
        self->close();
    });
  }

  /// A body without a length ends with the connection: https://www.rfc-editor.org/rfc/rfc9112#section-6.3
  void sendStream(const std::function<void(std::shared_ptr<BodyStream>)>& stream) {
    if (core_->draining()) return lowest().close();
    endWhenSilent(lowest().socket(), limits().write);
    lowest().expires_never();
    body_ = std::make_shared<BodyQueue>(
        limits().streamed, [core = core_, executor = stream_.get_executor(), weak = this->weak_from_this()] {
          core->post(executor, [weak] {
            if (const auto self = weak.lock()) self->sendPart();
          });
        });
    // Nothing is expected from the client but that it goes. This read keeps the session, too, and is cancelled when all
    // has been sent.
    stream_.async_read_some(buffer_.prepare(1), [self = this->shared_from_this()](Code, size_t) {
      self->body_->end();
      if (self->sent_)
        self->close();
      else
        self->lowest().close();
    });
    stream(body_);
  }

  void sendPart() {
    if (sending_ || sent_ || !lowest().socket().is_open()) return;
    auto part = body_->next();
    if (!part) {
      sent_ = true;
      return lowest().cancel();
    }
    if (part->empty()) return;
    sending_ = true;
    part_ = std::move(*part);
    lowest().expires_after(limits().write);
    asio::async_write(stream_, asio::buffer(part_), [self = this->shared_from_this()](Code error, size_t) {
      self->sending_ = false;
      self->part_.clear();
      if (error)
        self->lowest().close();
      else
        self->sendPart();
    });
  }

  /// HTTP/1.0 wants to be told; an offer to upgrade belongs to the connection.
  void setConnection(bool keep) {
    const bool upgrade = response_.count(bhttp::field::upgrade) > 0;
    const bool old = keep && parser_->get().version() == 10;
    const char* word = old ? "keep-alive" : keep ? "" : "close";
    std::string value = upgrade ? "Upgrade" : "";
    if (*word) value += (value.empty() ? "" : ", ") + std::string(word);
    if (!value.empty()) response_.set(bhttp::field::connection, value);
  }

  void next() {
    if (buffer_.size() > 0) return readHead();  // the next request was sent without waiting
    if (core_->draining()) return close();
    if (buffer_.capacity() > kIdleBuffer) buffer_.shrink_to_fit();
    idle_ = true;
    lowest().expires_after(limits().idle);
    stream_.async_read_some(buffer_.prepare(4096), [self = this->shared_from_this()](Code error, size_t size) {
      self->idle_ = false;
      if (error) return;
      self->buffer_.commit(size);
      self->readHead();
    });
  }

  // After a refusal the client may still be sending: closing at once would reset the connection and take the answer,
  // or TLS' alert, from it. So what comes is read and dropped, within limits.
  void close() {
    lowest().expires_after(kLinger);
    if constexpr (kTls)
      stream_.async_shutdown([self = this->shared_from_this()](Code) { self->linger(); });
    else
      linger();
  }
  void linger() {
    Code ignored;
    lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    drop();
  }
  void drop() {
    lowest().async_read_some(buffer_.prepare(4096), [self = this->shared_from_this()](Code error, size_t size) {
      self->dropped_ += size;
      if (!error && self->dropped_ < kLingerBytes) self->drop();
    });
  }

  const std::shared_ptr<ServerCore> core_;
  const Peer peer_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Request request_;
  std::atomic<std::thread::id> handling_{};  // the thread that is in handle()
  std::optional<Response> early_;            // what it was answered there
  bhttp::response<bhttp::empty_body> interim_;
  bhttp::response<bhttp::string_body> response_;
  std::shared_ptr<Session> self_;
  bool idle_ = false;  // between requests
  bool last_ = false;  // of a method that a proxy in front may understand in another way: nothing that follows is taken
  size_t dropped_ = 0;
  std::shared_ptr<BodyQueue> body_;  // of a streamed response
  std::string part_;                 // of it that is being sent
  bool sending_ = false;
  bool sent_ = false;  // no more of it is to be sent
};

}  // namespace

std::shared_ptr<Connection> makeConnection(std::shared_ptr<ServerCore> core, tcp::socket socket, Peer peer,
                                           const std::shared_ptr<TlsContext>& tls) {
  if (tls) return std::make_shared<Session<TlsStream>>(std::move(core), std::move(peer), std::move(socket), *tls);
  return std::make_shared<Session<beast::tcp_stream>>(std::move(core), std::move(peer), std::move(socket));
}

}  // namespace baton::http
