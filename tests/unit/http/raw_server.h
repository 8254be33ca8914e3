// A TCP server that does what a test tells it, byte by byte; for answers that no honest server gives.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace baton::http::test {

class RawServer {
 public:
  using tcp = boost::asio::ip::tcp;
  /// Runs `script` for each connection, in a thread for each; the connection is closed when it returns.
  explicit RawServer(std::function<void(tcp::socket&)> script) : script_(std::move(script)) {
    thread_ = std::thread([this] { accept(); });
  }
  ~RawServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);  // wakes accept()
    thread_.join();
    for (std::thread& t : scripts_) t.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int accepted() const { return accepted_; }

 private:
  void accept() {
    while (true) {
      boost::system::error_code error;
      auto socket = std::make_shared<tcp::socket>(acceptor_.accept(io_, error));
      if (stopping_) return;
      if (error) continue;
      ++accepted_;
      scripts_.emplace_back([this, socket] { script_(*socket); });
    }
  }

  const std::function<void(tcp::socket&)> script_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> stopping_{false};
  std::atomic<int> accepted_{0};
  std::vector<std::thread> scripts_;
  std::thread thread_;
};

/// Reads a request's head; false when the client has gone.
inline bool readHead(boost::asio::ip::tcp::socket& socket) {
  boost::asio::streambuf buffer;
  boost::system::error_code error;
  boost::asio::read_until(socket, buffer, "\r\n\r\n", error);
  return !error;
}
inline bool say(boost::asio::ip::tcp::socket& socket, std::string_view bytes) {
  boost::system::error_code error;
  boost::asio::write(socket, boost::asio::buffer(bytes.data(), bytes.size()), error);
  return !error;
}
inline std::string chunk(std::string_view data) {
  char size[20];
  snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}
/// Returns when the client has closed the connection.
inline void waitForClose(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  char byte = 0;
  while (!error) socket.read_some(boost::asio::buffer(&byte, 1), error);
}

constexpr std::string_view kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace baton::http::test
