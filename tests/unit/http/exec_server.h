// A WebSocket server that plays the API server's part in pods/exec, one script a connection.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "unit/http/raw_server.h"

namespace baton::http::test {

namespace beast = boost::beast;

/// What a script may do with its connection.
struct ExecPeer {
  std::function<void(int channel, std::string_view data)> send;
  std::function<void()> waitForClose;
  std::function<void()> closeOrderly;
  beast::http::request<beast::http::string_body> request;
};
using ExecScript = std::function<void(ExecPeer&)>;

template <class Stream>
void playExec(Stream& ws, const std::string& protocol, const ExecScript& script) {
  boost::system::error_code error;
  ExecPeer peer;
  beast::flat_buffer buffer;
  beast::http::read(ws.next_layer(), buffer, peer.request, error);
  if (error) return;
  ws.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::response_type& response) {
    response.set(beast::http::field::sec_websocket_protocol, protocol);
  }));
  ws.accept(peer.request, error);
  if (error) return;
  ws.binary(true);
  peer.send = [&](int channel, std::string_view data) {
    boost::system::error_code ignored;
    ws.write(boost::asio::buffer(static_cast<char>(channel) + std::string(data)), ignored);
  };
  peer.waitForClose = [&] {
    boost::system::error_code closed;
    while (!closed) {
      beast::flat_buffer dropped;
      ws.read(dropped, closed);
    }
  };
  peer.closeOrderly = [&] {
    boost::system::error_code ignored;
    ws.close(beast::websocket::close_code::normal, ignored);
  };
  script(peer);
}

inline std::function<void(RawServer::tcp::socket&)> plainExec(ExecScript script,
                                                              std::string protocol = "v5.channel.k8s.io") {
  return [script = std::move(script), protocol = std::move(protocol)](RawServer::tcp::socket& socket) {
    beast::websocket::stream<RawServer::tcp::socket&> ws(socket);
    playExec(ws, protocol, script);
  };
}

/// reused: counts the connections that took up an earlier TLS session.
inline std::function<void(RawServer::tcp::socket&)> tlsExec(std::shared_ptr<boost::asio::ssl::context> context,
                                                            ExecScript script, std::atomic<int>* reused = nullptr) {
  return [=](RawServer::tcp::socket& socket) {
    using Tls = boost::asio::ssl::stream<RawServer::tcp::socket&>;
    beast::websocket::stream<Tls> ws(socket, *context);
    boost::system::error_code error;
    ws.next_layer().handshake(boost::asio::ssl::stream_base::server, error);
    if (error) return;
    if (reused != nullptr && SSL_session_reused(ws.next_layer().native_handle()) == 1) ++*reused;
    playExec(ws, "v5.channel.k8s.io", script);
  };
}

}  // namespace baton::http::test
