// Loads a server on this machine the way an SDK's keep-alive connections do, and says how fast it
// answered.
//
//   load_client PORT ACTION PROTOCOL CONNECTIONS SECONDS
//       ACTION: send (SendMessage of 1 KiB), batch (ten of them), receive (ten that stay visible)
//       PROTOCOL: json, query, or signed: json with a signature that is right for five minutes
//   load_client PORT fill CONNECTIONS MESSAGES   messages by SendMessageBatch, ten at a time
//   load_client PORT drain GATE MESSAGES         opens GATE and waits until the queue is empty
//   load_client size                             prints the bytes of one send
//
// All use the queue "bench". Any answer but a 200 ends it with exit code 1.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/codec.hpp"
#include "runtime/auth/sigv4.hpp"

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

constexpr std::string_view kUserAgent =
    "aws-sdk-js/3.958.0 ua/2.1 os/linux lang/js md/nodejs#20.0.0 api/sqs#3.958.0";
constexpr std::string_view kAccessKeyId = "test";  // with the secret "test"

enum class Protocol { kJson, kQuery, kSigned };

// What is asked for, as JSON and as a form.
struct Action {
  std::string name;
  std::string json;
  std::string form;
};

Action send_action() {
  const std::string body(kBodyBytes, 'x');
  return {"SendMessage", R"({"QueueUrl":"/000000000000/bench","MessageBody":")" + body + R"("})",
          "QueueUrl=%2F000000000000%2Fbench&MessageBody=" + body};
}

Action batch_action() {
  const std::string body(kBodyBytes, 'x');
  Action action{"SendMessageBatch", R"({"QueueUrl":"/000000000000/bench","Entries":[)",
                "QueueUrl=%2F000000000000%2Fbench"};
  for (std::size_t i = 1; i <= kBatch; ++i) {
    const std::string id = std::to_string(i);
    const std::string entry = "&SendMessageBatchRequestEntry." + id;
    action.json.append(i == 1 ? "" : ",");
    action.json.append(R"({"Id":")").append(id).append(R"(","MessageBody":")").append(body);
    action.json.append(R"("})");
    action.form.append(entry).append(".Id=").append(id);
    action.form.append(entry).append(".MessageBody=").append(body);
  }
  action.json += "]}";
  return action;
}

Action receive_action() {
  return {"ReceiveMessage",
          R"({"QueueUrl":"/000000000000/bench","MaxNumberOfMessages":10,"VisibilityTimeout":0})",
          "QueueUrl=%2F000000000000%2Fbench&MaxNumberOfMessages=10&VisibilityTimeout=0"};
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// "AWS4-HMAC-SHA256 Credential=...", over all of the fields.
std::string sign(const Fields& fields, const std::string& body) {
  headrace::HttpRequest request;
  request.method = "POST";
  request.path = "/";
  request.body = body;
  std::string date;
  for (const auto& [name, value] : fields) {
    request.headers.push_back({name, value});
    if (name == "x-amz-date") date = value.substr(0, 8);
  }
  const headrace::runtime::CredentialScope scope{std::string(kAccessKeyId), date, "us-east-1",
                                                 "sqs"};
  return headrace::runtime::authorization(request, "test", scope);
}

// As large as what an SDK sends: most of it is headers.
std::string request_of(const Action& action, Protocol protocol) {
  const bool json = protocol != Protocol::kQuery;
  const std::string body =
      json ? action.json : "Action=" + action.name + "&Version=2012-11-05&" + action.form;
  Fields fields = {
      {"host", "127.0.0.1"},
      {"content-type", json ? "application/x-amz-json-1.0" : "application/x-www-form-urlencoded"},
      {"amz-sdk-invocation-id", "00000000-0000-4000-8000-000000000000"},
      {"amz-sdk-request", "attempt=1; max=3"},
      {"x-amz-content-sha256", headrace::hex(headrace::sha256(body))},
      {"x-amz-date", headrace::runtime::to_timestamp(headrace::wall_clock_now())},
      {"user-agent", std::string(kUserAgent)}};
  if (json) fields.emplace_back("x-amz-target", "AmazonSQS." + action.name);
  fields.emplace_back("authorization", sign(fields, body));
  if (protocol != Protocol::kSigned) fields.back().second.back() = '-';  // as good as any
  std::string request = "POST / HTTP/1.1\r\n";
  for (const auto& [name, value] : fields) {
    request.append(name).append(": ").append(value).append("\r\n");
  }
  return request + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
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
  std::vector<char> answer_ = std::vector<char>(65536);
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
  const Action look{"GetQueueAttributes",
                    R"({"QueueUrl":"/000000000000/bench","AttributeNames":["All"]})", ""};
  const std::string request = request_of(look, Protocol::kJson);
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

std::optional<Action> find_action(std::string_view name) {
  if (name == "send") return send_action();
  if (name == "batch") return batch_action();
  if (name == "receive") return receive_action();
  return std::nullopt;
}

std::optional<Protocol> find_protocol(std::string_view name) {
  if (name == "json") return Protocol::kJson;
  if (name == "query") return Protocol::kQuery;
  if (name == "signed") return Protocol::kSigned;
  return std::nullopt;
}

// Exit code 2: not called as it should be.
int run(const std::vector<const char*>& arguments) {
  if (arguments.size() == 1 && std::string_view(arguments[0]) == "size") {
    std::printf("%zu\n", request_of(send_action(), Protocol::kJson).size());
    return 0;
  }
  if (arguments.size() < 4) return 2;
  const auto port = static_cast<std::uint16_t>(number(arguments[0], 65535));
  const std::string_view mode = arguments[1];
  if (mode == "drain") {
    run_drain(port, arguments[2], number(arguments[3], kMessagesMax));
    return 0;
  }
  Load load;
  if (mode == "fill") {
    load.request = request_of(batch_action(), Protocol::kJson);
    load.left = number(arguments[3], kMessagesMax) / static_cast<long>(kBatch);
    run_load(port, static_cast<int>(number(arguments[2], kConnectionsMax)), std::move(load));
    return 0;
  }
  const auto action = find_action(mode);
  const auto protocol = find_protocol(arguments[2]);
  if (arguments.size() != 5 || !action || !protocol) return 2;
  load.request = request_of(*action, *protocol);
  load.end = Clock::now() + std::chrono::seconds(number(arguments[4], kSecondsMax));
  run_load(port, static_cast<int>(number(arguments[3], kConnectionsMax)), std::move(load));
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
