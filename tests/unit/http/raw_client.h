// A client that sends exactly the bytes a test wants sent.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <string_view>

namespace baton::http::test {

class RawClient {
 public:
  explicit RawClient(uint16_t port) { socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port}); }
  explicit RawClient(const boost::asio::ip::tcp::endpoint& to) { socket_.connect(to); }

  /// False when the server has closed the connection.
  bool send(std::string_view bytes) {
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), error);
    return !error;
  }
  /// Reads until the server closes.
  std::string rest() {
    boost::system::error_code error;
    std::string out;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(out), error);
    return out;
  }
  /// Reads until `last` has come, or the server closes.
  std::string until(std::string_view last) {
    boost::system::error_code error;
    std::string out;
    char byte = 0;
    while (out.find(last) == std::string::npos && socket_.read_some(boost::asio::buffer(&byte, 1), error) == 1)
      out += byte;
    return out;
  }
  void close() { socket_.close(); }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
};

/// Sends and reads until the server closes.
inline std::string talk(uint16_t port, std::string_view bytes) {
  RawClient client(port);
  client.send(bytes);
  return client.rest();
}

/// "200" of "HTTP/1.1 200 OK..."; empty when it isn't an answer.
inline std::string statusOf(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? answer.substr(9, 3) : "";
}

}  // namespace baton::http::test
