// The least a server on Asio can do: reads requests of one fixed size and answers each with a fixed
// number of bytes that look like HTTP. What remains of its rate is what headrace makes of it.
// usage: echo_server REQUEST_BYTES ANSWER_BYTES; prints its port, ends with SIGTERM.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// An answer of exactly `bytes`, padded in its body.
std::string answer_of(std::size_t bytes) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
  const std::size_t fixed = head.size() + 3 + 4;  // a length of three digits, the empty line
  const std::size_t body = bytes - fixed;
  return head + std::to_string(body) + "\r\n\r\n" + std::string(body, 'y');
}

class Client {
 public:
  Client(tcp::socket socket, std::size_t request_bytes, const std::string& answer)
      : socket_(std::move(socket)), request_(request_bytes), answer_(answer) {
    socket_.set_option(tcp::no_delay(true));
  }

  // Each step holds the client; when the connection ends, nothing does.
  static void serve(std::shared_ptr<Client> client) {
    Client& self = *client;
    asio::async_read(self.socket_, asio::buffer(self.request_),
                     [client = std::move(client)](error_code ec, std::size_t) mutable {
                       if (!ec) answer(std::move(client));
                     });
  }

 private:
  static void answer(std::shared_ptr<Client> client) {
    Client& self = *client;
    asio::async_write(self.socket_, asio::buffer(self.answer_),
                      [client = std::move(client)](error_code ec, std::size_t) mutable {
                        if (!ec) serve(std::move(client));
                      });
  }

  tcp::socket socket_;
  std::vector<char> request_;
  const std::string& answer_;
};

struct Server {
  asio::io_context loop{1};
  tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  std::size_t request_bytes;
  std::string answer;

  void accept() {
    acceptor.async_accept([this](error_code ec, tcp::socket socket) {
      if (ec) return;
      Client::serve(std::make_shared<Client>(std::move(socket), request_bytes, answer));
      accept();
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Server server;
  server.request_bytes = std::strtoul(argv[1], nullptr, 10);
  server.answer = answer_of(std::strtoul(argv[2], nullptr, 10));
  server.accept();
  std::printf("http://127.0.0.1:%d\nReady.\n", server.acceptor.local_endpoint().port());
  std::fflush(stdout);
  server.loop.run();
}
