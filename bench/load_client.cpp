// Loads a server on this machine the way an SDK's keep-alive connections do, and says how fast it
// answered.
//
//   load_client PORT send CONNECTIONS SECONDS    SendMessage of 1 KiB to the queue "bench"
//   load_client PORT fill CONNECTIONS MESSAGES   the same messages by SendMessageBatch, ten at a
//   time load_client PORT drain GATE MESSAGES         opens GATE and waits until the queue is empty
//   load_client size                             prints the bytes of one send
//
// Any answer but a 200 ends it with exit code 1.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr int kConnectionsMax = 1024;
constexpr int kSecondsMax = 60;
constexpr long kMessagesMax = 10'000'000;
constexpr std::size_t kBodyBytes = 1024;
constexpr std::size_t kBatch = 10;
constexpr auto kDrainTimeMax = std::chrono::minutes(5);
constexpr auto kLookInterval = std::chrono::milliseconds(5);

// As large as what an SDK sends: most of it is headers.
std::string request_of(std::string_view action, std::string_view json) {
  std::string request = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  request.append("X-Amz-Target: AmazonSQS.").append(action).append("\r\n");
  request +=
      "Content-Type: application/x-amz-json-1.0\r\n"
      "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, "
      "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;"
      "x-amz-content-sha256;x-amz-date;x-amz-target;x-amz-user-agent, "
      "Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n"
      "Amz-Sdk-Invocation-Id: 00000000-0000-4000-8000-000000000000\r\n"
      "Amz-Sdk-Request: attempt=1; max=3\r\n"
      "X-Amz-Content-Sha256: "
      "0000000000000000000000000000000000000000000000000000000000000000\r\n"
      "X-Amz-Date: 20260101T000000Z\r\n"
      "User-Agent: aws-sdk-js/3.958.0 ua/2.1 os/linux lang/js md/nodejs#20.0.0 api/sqs#3.958.0\r\n";
  request += "Content-Length: " + std::to_string(json.size()) + "\r\n\r\n";
  request += json;
  return request;
}

std::string send_request() {
  return request_of("SendMessage", R"({"QueueUrl":"http://127.0.0.1/000000000000/bench",)"
                                   R"("MessageBody":")" +
                                       std::string(kBodyBytes, 'x') + R"("})");
}

std::string batch_request() {
  std::string json = R"({"QueueUrl":"http://127.0.0.1/000000000000/bench","Entries":[)";
  for (std::size_t i = 0; i < kBatch; ++i) {
    json += (i == 0 ? R"({"Id":")" : R"(,{"Id":")") + std::to_string(i) + R"(","MessageBody":")" +
            std::string(kBodyBytes, 'x') + R"("})";
  }
  return request_of("SendMessageBatch", json + "]}");
}

// The size of the whole answer, or 0 while its head is not complete.
std::size_t answer_size(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kOk = "HTTP/1.1 200 ";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t length = bytes.find(kLength);
  if (!bytes.starts_with(kOk) || length > head) {
    throw std::runtime_error("refused: " + std::string(bytes.substr(0, 500)));
  }
  return head + 4 + std::strtoul(bytes.data() + length + kLength.size(), nullptr, 10);
}

// What all connections share.
struct Load {
  std::string request;
  Clock::time_point end = Clock::time_point::max();
  long left = -1;  // requests still to send; negative: until the end
  std::vector<microseconds::rep> times_us;

  bool take() {
    if (left == 0 || Clock::now() >= end) return false;
    if (left > 0) --left;
    return true;
  }
};

class Connection {
 public:
  Connection(asio::io_context& loop, std::uint16_t port, Load& load) : socket_(loop), load_(load) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(tcp::no_delay(true));
  }

  void send() {
    if (!load_.take()) return;
    begin_ = Clock::now();
    size_ = 0;
    asio::async_write(socket_, asio::buffer(load_.request),
                      [this](boost::system::error_code ec, std::size_t) {
                        if (ec) throw boost::system::system_error(ec);
                        receive();
                      });
  }

 private:
  void receive() {
    socket_.async_read_some(
        asio::buffer(answer_.data() + size_, answer_.size() - size_),
        [this](boost::system::error_code ec, std::size_t bytes) {
          if (ec) throw boost::system::system_error(ec);
          size_ += bytes;
          const std::size_t whole = answer_size({answer_.data(), size_});
          if (whole == 0 || size_ < whole) return receive();
          load_.times_us.push_back(
              std::chrono::duration_cast<microseconds>(Clock::now() - begin_).count());
          send();
        });
  }

  tcp::socket socket_;
  Load& load_;
  Clock::time_point begin_;
  std::vector<char> answer_ = std::vector<char>(16384);
  std::size_t size_ = 0;
};

// Prints requests, seconds, p50 and p99 in microseconds.
void run_load(std::uint16_t port, int connections, Load load) {
  asio::io_context loop(1);
  std::vector<std::unique_ptr<Connection>> open;
  for (int i = 0; i < connections; ++i) {
    open.push_back(std::make_unique<Connection>(loop, port, load));
  }
  const auto begin = Clock::now();
  for (const auto& connection : open) connection->send();
  loop.run();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::vector<microseconds::rep>& times = load.times_us;
  if (times.empty()) throw std::runtime_error("nothing was answered");
  std::sort(times.begin(), times.end());
  std::printf("%zu %.3f %ld %ld\n", times.size(), seconds, times[times.size() / 2],
              times[times.size() * 99 / 100]);
}

bool is_empty(tcp::socket& socket, const std::string& request) {
  asio::write(socket, asio::buffer(request));
  std::string answer;
  std::size_t whole = 0;
  while (whole == 0 || answer.size() < whole) {
    char bytes[4096];
    answer.append(bytes, socket.read_some(asio::buffer(bytes)));
    whole = answer_size(answer);
  }
  return answer.find(R"("ApproximateNumberOfMessages":"0")") != std::string::npos &&
         answer.find(R"("ApproximateNumberOfMessagesNotVisible":"0")") != std::string::npos;
}

// Prints messages and seconds.
void run_drain(std::uint16_t port, const char* gate, long messages) {
  const std::string request =
      request_of("GetQueueAttributes", R"({"QueueUrl":"http://127.0.0.1/000000000000/bench",)"
                                       R"("AttributeNames":["All"]})");
  asio::io_context loop(1);
  tcp::socket socket(loop);
  socket.connect({asio::ip::address_v4::loopback(), port});
  const int opened = open(gate, O_WRONLY | O_CLOEXEC);
  if (opened < 0) throw std::runtime_error("the gate does not open");
  const auto begin = Clock::now();
  while (!is_empty(socket, request)) {
    if (Clock::now() - begin > kDrainTimeMax) throw std::runtime_error("the queue stays full");
    std::this_thread::sleep_for(kLookInterval);
  }
  close(opened);
  std::printf("%ld %.3f\n", messages, std::chrono::duration<double>(Clock::now() - begin).count());
}

long number(const char* text, long max) {
  const long value = std::strtol(text, nullptr, 10);
  if (value < 1 || value > max) throw std::runtime_error(std::string("bad number ") + text);
  return value;
}

int run(const std::vector<const char*>& arguments) {
  if (arguments.size() == 1 && std::string_view(arguments[0]) == "size") {
    std::printf("%zu\n", send_request().size());
    return 0;
  }
  if (arguments.size() != 4) return 2;
  const auto port = static_cast<std::uint16_t>(number(arguments[0], 65535));
  const std::string_view mode = arguments[1];
  if (mode == "drain") {
    run_drain(port, arguments[2], number(arguments[3], kMessagesMax));
    return 0;
  }
  const int connections = static_cast<int>(number(arguments[2], kConnectionsMax));
  Load load;
  if (mode == "send") {
    load.request = send_request();
    load.end = Clock::now() + std::chrono::seconds(number(arguments[3], kSecondsMax));
  } else if (mode == "fill") {
    load.request = batch_request();
    load.left = number(arguments[3], kMessagesMax) / static_cast<long>(kBatch);
  } else {
    return 2;
  }
  run_load(port, connections, std::move(load));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<const char*>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_client: %s\n", error.what());
    return 1;
  }
}
