// A client that sends exactly the bytes a test gives it. Blocking, every wait bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headrace::wire {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;

  // False when the server has closed the connection.
  bool send(std::string_view bytes);

  // One reply with its body, by Content-Length; what came before the connection ended.
  std::string read_reply();
  // The head alone, up to its empty line.
  std::string read_head();
  // Everything until the server closes.
  std::string read_all();
  // The connection ended, in whatever way, within five seconds.
  bool is_closed_by_server();

  void shut_sending();
  void reset();  // closes with a RST
  void shrink_receive_buffer();

 private:
  bool receive();

  int socket_ = -1;
  std::string pending_;
};

// The status of a reply; 0 when it is none.
int status_of(const std::string& reply);
std::string body_of(const std::string& reply);

}  // namespace headrace::wire
