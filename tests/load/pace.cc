// Sends one request again and again over TLS connections that are kept, checks each answer, and tells how long they
// took.
//
//   load_pace --port N --request FILE [--body TEXT] [--rate R] [--count N] [--seconds S] [--connections N]
//             [--address A] [--sources A,B,...]
//
// With --rate, request i is due i/R seconds after the beginning, however late the answers before it are, and its
// latency counts from there: nothing that waits is left out. Without, each connection sends as soon as it is answered.
// Ends after --count requests, --seconds seconds or at SIGTERM, waits for the answers, prints one JSON object. Every
// answer has to be 200 with --body as its body. A connection that is lost is opened again.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "pace_parts.h"

namespace baton::load {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using namespace std::chrono_literals;

constexpr auto kAgain = 100ms;      // until a lost connection is opened again
constexpr auto kLastAnswers = 60s;  // how long answers are waited for at the end
constexpr auto kConnecting = 60s;   // how long for all connections at the beginning

volatile std::sig_atomic_t g_stop = 0;

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

enum class State { Down, Connecting, Securing, Idle, Busy };

struct Connection {
  State state = State::Down;
  std::string source;
  int fd = -1;
  std::unique_ptr<SSL, SslFree> ssl;
  Time due;    // of the request under way
  Time again;  // when to open it once more
  size_t written = 0;
  std::string in;
};

class Load {
 public:
  explicit Load(Options options) : o_(std::move(options)), context_(SSL_CTX_new(TLS_client_method())) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    watch(timer_, nullptr, EPOLLIN);
    for (size_t i = 0; i < o_.connections; ++i) {
      connections_.push_back(std::make_unique<Connection>());
      if (!o_.sources.empty()) connections_.back()->source = o_.sources[i % o_.sources.size()];
      open(*connections_.back());
    }
  }

  nlohmann::json run() {
    const Time limit = Clock::now() + kConnecting;
    while (idle_.size() < connections_.size() && Clock::now() < limit && g_stop == 0) turn();
    results_.refused = 0;
    begin_ = Clock::now();
    while (!over()) {
      issue();
      turn();
    }
    const double took = std::chrono::duration<double>(Clock::now() - begin_).count();
    const Time last = Clock::now() + kLastAnswers;
    while ((busy_ > 0 || !waiting_.empty()) && Clock::now() < last) turn();
    results_.unanswered = busy_ + waiting_.size();
    return toJson(std::move(results_), took);
  }

 private:
  bool over() const {
    if (g_stop != 0 || (o_.seconds > 0 && Clock::now() - begin_ >= std::chrono::duration<double>(o_.seconds)))
      return true;
    return o_.count > 0 && issued_ >= o_.count && (o_.rate > 0 || busy_ == 0);
  }

  Time dueOf(size_t i) const {
    return begin_ + std::chrono::nanoseconds(static_cast<int64_t>(static_cast<double>(i) * 1e9 / o_.rate));
  }

  /// What is due by now.
  void issue() {
    const Time now = Clock::now();
    const auto more = [this] { return o_.count == 0 || issued_ < o_.count; };
    if (o_.rate > 0)
      for (; more() && dueOf(issued_) <= now; ++issued_) waiting_.push_back(dueOf(issued_));
    else
      for (size_t n = idle_.size(); n > 0 && more(); --n, ++issued_) waiting_.push_back(now);
  }

  /// Sends what waits, then handles what comes, until something is due.
  void turn() {
    while (!waiting_.empty() && !idle_.empty()) {
      Connection& c = *idle_.front();
      idle_.pop_front();
      c.due = waiting_.front();
      waiting_.pop_front();
      c.state = State::Busy;
      c.written = 0;
      ++busy_;
      advance(c);
    }
    setTimer();
    std::array<epoll_event, 64> events{};
    const int n = epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < n; ++i) {
      uint64_t ticks = 0;
      if (auto* c = static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr))
        advance(*c);
      else if (read(timer_, &ticks, sizeof ticks) < 0)
        continue;
    }
    if (down_ == 0) return;
    for (auto& c : connections_)
      if (c->state == State::Down && Clock::now() >= c->again) open(*c);
  }

  void setTimer() const {
    const Time now = Clock::now();
    Time next = now + kAgain;
    if (begin_ != Time() && o_.rate > 0) next = std::min(next, dueOf(issued_));
    const auto wait = std::max<int64_t>(1, std::chrono::nanoseconds(next - now).count());
    const itimerspec spec{{0, 0}, {wait / 1000000000, wait % 1000000000}};
    timerfd_settime(timer_, 0, &spec, nullptr);
  }

  void watch(int fd, Connection* c, uint32_t what) const {
    epoll_event event{};
    event.events = what;
    event.data.ptr = c;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  static sockaddr_in addressOf(const std::string& text, uint16_t port) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    if (inet_pton(AF_INET, text.c_str(), &a.sin_addr) != 1) die("'" + text + "' is no IPv4 address");
    return a;
  }

  void open(Connection& c) {
    if (c.again != Time()) --down_;
    c.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c.fd < 0) die(std::string("socket: ") + std::strerror(errno));
    const int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!c.source.empty()) {
      const sockaddr_in from = addressOf(c.source, 0);
      if (bind(c.fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) die("cannot be bound to " + c.source);
    }
    const sockaddr_in to = addressOf(o_.address, o_.port);
    c.state = State::Connecting;
    c.in.clear();
    c.ssl.reset(SSL_new(context_.get()));
    SSL_set_fd(c.ssl.get(), c.fd);
    if (connect(c.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS) return lose(c);
    watch(c.fd, &c, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  }

  void lose(Connection& c) {
    if (c.state == State::Busy) {
      --busy_;
      ++results_.dropped;
    } else if (c.state == State::Idle) {
      std::erase(idle_, &c);
    } else {
      ++results_.refused;
    }
    c.ssl.reset();
    close(c.fd);
    c.state = State::Down;
    c.again = Clock::now() + kAgain;
    ++down_;
  }

  /// What the connection can do without waiting.
  void advance(Connection& c) {
    ERR_clear_error();
    if (c.state == State::Connecting) {
      int error = 0;
      socklen_t size = sizeof error;
      sockaddr_in peer{};
      socklen_t peerSize = sizeof peer;
      getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) return lose(c);
      if (getpeername(c.fd, reinterpret_cast<sockaddr*>(&peer), &peerSize) != 0) return;  // not yet
      c.state = State::Securing;
    }
    if (c.state == State::Securing) {
      const int done = SSL_connect(c.ssl.get());
      if (done != 1) return wants(c, done) ? void() : lose(c);
      idles(c);
    }
    if (c.state == State::Busy && c.written < o_.request.size()) {
      const int n = SSL_write(c.ssl.get(), o_.request.data(), static_cast<int>(o_.request.size()));
      if (n <= 0) return wants(c, n) ? void() : lose(c);
      c.written = o_.request.size();  // SSL_write writes all or nothing
    }
    if (c.state == State::Busy || c.state == State::Idle) receive(c);
  }

  static bool wants(const Connection& c, int result) {
    const int why = SSL_get_error(c.ssl.get(), result);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
  }

  void receive(Connection& c) {
    std::array<char, 16384> piece{};
    while (true) {
      const int n = SSL_read(c.ssl.get(), piece.data(), piece.size());
      if (n <= 0) {
        if (!wants(c, n)) lose(c);
        return;
      }
      c.in.append(piece.data(), static_cast<size_t>(n));
      if (c.state == State::Busy) {
        if (const auto answer = answerIn(c.in)) answered(c, *answer);
        if (c.state == State::Down) return;
        continue;  // until nothing is left to be read: epoll tells it once
      }
      return wrong(c);  // nobody asked
    }
  }

  void answered(Connection& c, const Answer& answer) {
    if (!answer.ok || answer.body != o_.body || answer.size != c.in.size()) return wrong(c);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - c.due).count();
    results_.microseconds.push_back(static_cast<uint32_t>(std::min<int64_t>(took, UINT32_MAX)));
    idles(c);
    if (answer.close) lose(c);
  }

  void idles(Connection& c) {
    if (c.state == State::Busy) --busy_;
    c.in.clear();
    c.state = State::Idle;
    idle_.push_back(&c);
  }

  /// Counted, and its connection is not to be trusted any more.
  void wrong(Connection& c) {
    if (results_.wrong++ == 0) results_.firstWrong = c.in.substr(0, 500);
    if (c.state == State::Busy) idles(c);
    lose(c);
  }

  const Options o_;
  const std::unique_ptr<SSL_CTX, SslFree> context_;
  int epoll_ = -1, timer_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Connection*> idle_;  // the one that is idle for longest first
  std::deque<Time> waiting_;      // when the requests that no connection was idle for were due
  Time begin_;
  size_t issued_ = 0, busy_ = 0, down_ = 0;
  Results results_;
};

}  // namespace
}  // namespace baton::load

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // nobody would wait for what it tells
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction stop = {};
  stop.sa_handler = [](int) { baton::load::g_stop = 1; };  // without SA_RESTART: epoll_wait ends
  sigaction(SIGTERM, &stop, nullptr);
  sigaction(SIGINT, &stop, nullptr);
  const std::string out = baton::load::Load(baton::load::parse(argc, argv))
                              .run()
                              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::printf("%s\n", out.c_str());
}
