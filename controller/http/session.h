// Inner parts of the server: what its connections share, and one connection.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "http/server.h"

namespace baton::http {

/// A connection, as the server sees it. Both functions may be called from any thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void begin() = 0;
  /// Closes when idle, else after the answer that is under way.
  virtual void drain() = 0;
  virtual void abort() = 0;
};

/// Listens, and keeps the register of connections. A connection is kept alive by its pending operations, or by itself
/// while its request is being handled; connections keep this alive.
class ServerCore : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(ServerOptions serverOptions, Handler requestHandler)
      : options(std::move(serverOptions)), handler(std::move(requestHandler)), io_(options.threads) {}

  Status listen();
  void run();
  void stop(std::chrono::milliseconds grace);
  uint16_t port() const { return port_; }
  size_t connections() const;
  uint64_t shed() const;

  /// Runs f on the executor; drops it when the server has stopped.
  void post(const boost::asio::any_io_executor& executor, std::function<void()> f);
  bool draining() const;
  /// The connection is being destroyed.
  void forget(const Connection* connection, const std::string& peer);

  const ServerOptions options;
  const Handler handler;

 private:
  using tcp = boost::asio::ip::tcp;
  void accept();
  void accepted(tcp::socket socket);
  void admit(tcp::socket socket, const Peer& peer);
  std::vector<std::shared_ptr<Connection>> all() const;

  boost::asio::io_context io_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_;
  tcp::acceptor acceptor_{boost::asio::make_strand(io_)};
  boost::asio::steady_timer pause_{acceptor_.get_executor()};
  std::vector<std::thread> threads_;
  uint16_t port_ = 0;

  mutable Mutex mutex_;
  CondVar fewer_;
  std::unordered_map<const Connection*, std::weak_ptr<Connection>> connections_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, size_t> ofPeer_ GUARDED_BY(mutex_);
  uint64_t shed_ GUARDED_BY(mutex_) = 0;
  bool draining_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

/// A connection of that server on that socket; tls is null for plain HTTP.
std::shared_ptr<Connection> makeConnection(std::shared_ptr<ServerCore> core, boost::asio::ip::tcp::socket socket,
                                           Peer peer, const std::shared_ptr<TlsContext>& tls);

}  // namespace baton::http
