#include "http/server.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <utility>

#include "base/log.h"
#include "base/network.h"
#include "http/session.h"

namespace baton::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};  // after a failed accept: out of files, most likely

struct HostPort {
  std::string host;  // empty: all interfaces
  uint16_t port = 0;
};

std::optional<HostPort> split(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  HostPort out;
  const char* end = address.data() + address.size();
  const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, out.port);
  if (error != std::errc() || stop != end) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  out.host = host;
  return out;
}

Code bindTo(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool both) {
  Code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(!both), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  Code ignored;
  if (error) acceptor.close(ignored);
  return error;
}

}  // namespace

Status ServerCore::listen() {
  const auto where = split(options.address);
  if (!where) return invalid("'" + options.address + "' is not host:port");
  Code error;
  if (where->host.empty()) {
    error = bindTo(acceptor_, {tcp::v6(), where->port}, true);
    if (error) error = bindTo(acceptor_, {tcp::v4(), where->port}, false);  // a host without IPv6
  } else {
    const auto found = tcp::resolver(io_).resolve(where->host, std::to_string(where->port), error);
    if (!error) error = bindTo(acceptor_, found.begin()->endpoint(), false);
  }
  if (error) return unavailable("cannot listen on '" + options.address + "': " + error.message());
  port_ = acceptor_.local_endpoint(error).port();
  return Ok{};
}

void ServerCore::run() {
  guard_.emplace(io_.get_executor());
  asio::post(acceptor_.get_executor(), [this] { accept(); });
  for (int i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this] {
      while (true) {
        try {
          io_.run();
          return;
        } catch (const std::exception& e) {  // that connection is gone, the others are not concerned
          log::error("a connection of the HTTP server failed", {{"error", e.what()}});
        }
      }
    });
  }
}

void ServerCore::accept() {
  acceptor_.async_accept(asio::make_strand(io_), [this](Code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      accept();
      return accepted(std::move(socket));
    }
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](Code stopped) {
      if (!stopped) accept();
    });
  });
}

void ServerCore::accepted(tcp::socket socket) {
  Code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return;
  socket.set_option(tcp::no_delay(true), error);
  asio::ip::address address = remote.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  admit(std::move(socket), {address.to_string(), remote.port(), options.tls != nullptr});
}

void ServerCore::admit(tcp::socket socket, const Peer& peer) {
  std::shared_ptr<TlsContext> context;
  if (options.tls && !(context = options.tls())) return;
  std::shared_ptr<Connection> connection;
  {
    MutexLock l(mutex_);
    if (draining_) return;
    const std::string network = networkOf(peer.address);
    size_t& ofPeer = ofPeer_[network];
    if (connections_.size() >= options.limits.connections || ofPeer >= options.limits.connectionsOfPeer) {
      if (ofPeer == 0) ofPeer_.erase(network);
      ++shed_;
      return;
    }
    ++ofPeer;
    connection = makeConnection(shared_from_this(), std::move(socket), peer, context);
    connections_.emplace(connection.get(), connection);
  }
  connection->begin();
}

void ServerCore::forget(const Connection* connection, const std::string& peer) {
  MutexLock l(mutex_);
  connections_.erase(connection);
  const auto found = ofPeer_.find(networkOf(peer));
  if (found != ofPeer_.end() && --found->second == 0) ofPeer_.erase(found);
  if (draining_) fewer_.notifyAll();
}

void ServerCore::post(const asio::any_io_executor& executor, std::function<void()> f) {
  MutexLock l(mutex_);
  if (!stopped_) asio::post(executor, std::move(f));
}

bool ServerCore::draining() const {
  MutexLock l(mutex_);
  return draining_;
}

size_t ServerCore::connections() const {
  MutexLock l(mutex_);
  return connections_.size();
}

uint64_t ServerCore::shed() const {
  MutexLock l(mutex_);
  return shed_;
}

std::vector<std::shared_ptr<Connection>> ServerCore::all() const {
  std::vector<std::shared_ptr<Connection>> out;
  MutexLock l(mutex_);
  for (const auto& [key, connection] : connections_) {
    if (auto strong = connection.lock()) out.push_back(std::move(strong));
  }
  return out;
}

void ServerCore::stop(std::chrono::milliseconds grace) {
  const Steady until = std::chrono::steady_clock::now() + grace;
  {
    MutexLock l(mutex_);
    if (stopped_) return;
    draining_ = true;
  }
  asio::post(acceptor_.get_executor(), [this] {
    Code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
  for (const auto& connection : all()) connection->drain();
  {
    MutexLock l(mutex_);
    while (!connections_.empty() && fewer_.waitUntil(mutex_, until)) {
    }
  }
  for (const auto& connection : all()) connection->abort();
  guard_.reset();
  for (std::thread& thread : threads_) thread.join();
  {
    MutexLock l(mutex_);
    stopped_ = true;
  }
  // What was posted after the threads had ended holds connections, and they this: run it, nothing is awaited any more.
  io_.restart();
  io_.poll();
}

Server::Server(std::shared_ptr<ServerCore> core) : core_(std::move(core)) {}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
  auto core = std::make_shared<ServerCore>(std::move(options), std::move(handler));
  if (Status s = core->listen(); !s) return std::move(s).error();
  core->run();
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

void Server::stop(std::chrono::milliseconds grace) { core_->stop(grace); }
uint16_t Server::port() const { return core_->port(); }
size_t Server::connections() const { return core_->connections(); }
uint64_t Server::shed() const { return core_->shed(); }

}  // namespace baton::http
