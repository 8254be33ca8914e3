// Bytes to a connection of the server: over a socket pair and without threads, so that it takes no longer than parsing.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "fuzz/fuzz.h"
#include "http/session.h"
#include "http/status_error.h"
#include "http/uri.h"

namespace baton::fuzz {
namespace {

namespace asio = boost::asio;
namespace bhttp = boost::beast::http;

constexpr size_t kLongest = 24576;  // it fits into the socket's buffer

void checkRequest(const http::Request& r) {
  const std::string_view target = r.target;
  check(target.starts_with('/') || (target == "*" && r.method == http::Method::Options), "a target is in origin form");
  check(target.find('#') == target.npos, "a target has no fragment");
  check(!hasControl(target) && target.find_first_of(" \t") == target.npos, "a target has no blank");
  for (const auto& segment : http::segments(http::splitTarget(target).first).value_or(std::vector<std::string>()))
    check(segment != "." && segment != "..", "a target has no dot segment");
  check(http::wellFormed(r.headers), "headers of a request are well formed");
  size_t hosts = 0, lengths = 0;
  for (const auto& [name, value] : r.headers) {
    hosts += http::find({{name, ""}}, "Host") ? 1 : 0;
    lengths += http::find({{name, ""}}, "Content-Length") ? 1 : 0;
  }
  check(hosts <= 1 && lengths <= 1, "there is one Host and one Content-Length at most");
  if (const auto length = http::find(r.headers, "Content-Length"))
    check(std::to_string(r.body.size()) == length->substr(std::min(length->find_first_not_of('0'), length->size() - 1)),
          "a body is as long as it says");
}

/// Answers with what was sent, as far as that can be answered.
struct Handler {
  std::vector<http::Method> handled;
  void operator()(http::Request request, const http::Respond& respond) {
    checkRequest(request);
    handled.push_back(request.method);
    http::Headers headers = {{"Content-Length", "7"}, {request.target, request.body}};
    for (const auto& header : request.headers) headers.push_back({"X-" + header.first, header.second});
    respond({request.method == http::Method::Delete ? 204 : 200, headers, request.target});
  }
};

void checkAnswers(const std::string& bytes, const Handler& handler) {
  boost::beast::flat_buffer buffer;
  buffer.commit(asio::buffer_copy(buffer.prepare(bytes.size()), asio::buffer(bytes)));
  size_t answers = 0, refusals = 0;
  while (buffer.size() > 0) {
    bhttp::response_parser<bhttp::string_body> parser;
    parser.header_limit(1 << 20);
    parser.skip(answers < handler.handled.size() && handler.handled[answers] == http::Method::Head);
    parser.eager(true);
    boost::system::error_code error;
    while (!error && !parser.is_done() && buffer.size() > 0) buffer.consume(parser.put(buffer.data(), error));
    const bool refusedHead = parser.is_header_done() && buffer.size() == 0 && answers == handler.handled.size();
    check(parser.is_done() || refusedHead, "what is answered is whole responses");
    const unsigned status = parser.get().result_int();
    if (status == 100) continue;
    check(refusals == 0, "nothing follows a refusal");
    (status == 200 || status == 204 ? answers : refusals) += 1;
  }
  check(answers == handler.handled.size() && refusals <= 1, "each request has one answer");
}

void drain(int fd, std::string& into) {
  char bytes[65536];
  for (ssize_t n = 0; (n = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
    into.append(bytes, static_cast<size_t>(n));
}

void talk(std::string_view input) {
  int ends[2];
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "there are sockets");
  check(::send(ends[0], input.data(), input.size(), MSG_DONTWAIT) == static_cast<ssize_t>(input.size()), "it fits");
  ::shutdown(ends[0], SHUT_WR);
  Handler handler;
  std::string output;
  {
    asio::io_context io(1);
    asio::ip::tcp::socket socket(asio::make_strand(io), asio::ip::tcp::v4(), ends[1]);
    const auto core = std::make_shared<http::ServerCore>(
        http::ServerOptions{},
        [&](http::Request r, const http::Peer&, const http::Respond& respond) { handler(std::move(r), respond); });
    http::makeConnection(core, std::move(socket), {"127.0.0.1", 1, false}, nullptr)->begin();
    for (int idle = 0; !io.stopped(); idle = io.poll() > 0 ? 0 : idle + 1) {
      drain(ends[0], output);
      check(idle < 1000, "a connection ends with what it reads");
    }
  }
  drain(ends[0], output);
  ::close(ends[0]);
  checkAnswers(output, handler);
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  const std::string text = unfolded(textOf(data, size));
  talk(std::string_view(text).substr(0, kLongest));
  return 0;
}
