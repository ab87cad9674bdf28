#include "functions/curl_http_client.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <string_view>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <curl/curl.h>
#include <sys/socket.h>

#include "base/check.hpp"
#include "base/one_shot.hpp"
#include "functions/limits.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

// One post: libcurl's handle and what its callbacks gather.
struct Transfer {
  explicit Transfer(HttpPost post) : request(std::move(post)), easy(curl_easy_init()) {
    HR_CHECK(easy != nullptr);
    for (const std::string& line : request.headers)
      headers = curl_slist_append(headers, line.c_str());
    headers = curl_slist_append(headers, "Expect:");  // a function reads its body anyway
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  HttpPost request;
  CURL* easy;
  curl_slist* headers = nullptr;
  HttpReply reply{};
  std::size_t header_bytes = 0;
  std::string refusal{};  // why we ended it ourselves
  OneShot<CURLcode> done{};
};

Transfer& to_transfer(void* pointer) {
  return *static_cast<Transfer*>(pointer);
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* pointer) {
  Transfer& transfer = to_transfer(pointer);
  std::string& body = transfer.reply.body;
  if (body.size() + size * count > kResponseBytesMax) {
    transfer.refusal = "the answer is larger than " + std::to_string(kResponseBytesMax) + " bytes";
    return 0;
  }
  body.append(bytes, size * count);
  return size * count;
}

void read_retry_after(std::string_view line, HttpReply& reply) {
  static constexpr std::string_view kName = "retry-after:";
  if (line.size() < kName.size()) return;
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  if (!std::equal(kName.begin(), kName.end(), line.begin(), same)) return;
  line.remove_prefix(std::min(line.find_first_not_of(' ', kName.size()), line.size()));
  std::uint32_t seconds = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), seconds);
  if (parsed.ec == std::errc()) reply.retry_after = std::chrono::seconds(seconds);
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* pointer) {
  Transfer& transfer = to_transfer(pointer);
  transfer.header_bytes += size * count;
  if (transfer.header_bytes > kHttpHeaderBytesMax) {
    transfer.refusal = "the answer's header is too large";
    return 0;
  }
  read_retry_after({bytes, size * count}, transfer.reply);
  return size * count;
}

// Asked for each address a name resolved to, so a name cannot change its mind between check and
// use.
curl_socket_t on_open_socket(void* pointer, curlsocktype /*purpose*/, curl_sockaddr* address) {
  if (is_forbidden_address(address->family, &address->addr)) {
    to_transfer(pointer).refusal = "its address is link-local or otherwise no function's";
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void configure(Transfer& transfer) {
  CURL* easy = transfer.easy;
  const HttpPost& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "headrace");

  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);

  const Duration connect = std::min(request.timeout, kHttpConnectTimeMax);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));

  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
}

Error to_error(CURLcode code, const Transfer& transfer) {
  if (!transfer.refusal.empty()) return {ErrorCode::kUnavailable, transfer.refusal};
  if (code == CURLE_OPERATION_TIMEDOUT) return {ErrorCode::kTimeout, curl_easy_strerror(code)};
  return {ErrorCode::kUnavailable, curl_easy_strerror(code)};
}

// One of libcurl's sockets on the loop. libcurl owns the descriptor; we only wait for it.
struct Watch {
  Watch(asio::io_context& loop, curl_socket_t fd) : descriptor(loop, fd) {}
  ~Watch() { descriptor.release(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  asio::posix::stream_descriptor descriptor;
  bool wants_read = false;
  bool wants_write = false;
  bool reading = false;  // a wait is running
  bool writing = false;
};

class CurlHttpClient final : public HttpClient {
 public:
  CurlHttpClient(asio::io_context& loop, Clock& clock) : loop_(loop), clock_(clock) {
    HR_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    multi_ = curl_multi_init();
    HR_CHECK(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  }

  ~CurlHttpClient() override {
    curl_multi_cleanup(multi_);
    set_timer(-1);
    curl_global_cleanup();
  }

  asio::awaitable<Result<HttpReply>> post(HttpPost request) override {
    Transfer transfer(std::move(request));
    configure(transfer);
    curl_multi_add_handle(multi_, transfer.easy);
    const CURLcode code = co_await transfer.done.wait();
    curl_multi_remove_handle(multi_, transfer.easy);
    if (code != CURLE_OK) co_return to_error(code, transfer);
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    transfer.reply.status = static_cast<int>(status);
    co_return std::move(transfer.reply);
  }

 private:
  static int on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*socket*/) {
    static_cast<CurlHttpClient*>(self)->watch(fd, what);
    return 0;
  }

  static int on_timer(CURLM* /*multi*/, long wait_ms, void* self) {
    static_cast<CurlHttpClient*>(self)->set_timer(wait_ms);
    return 0;
  }

  void watch(curl_socket_t fd, int what) {
    if (what == CURL_POLL_REMOVE) {
      watches_.erase(fd);
      return;
    }
    std::shared_ptr<Watch>& watch = watches_[fd];
    if (!watch) watch = std::make_shared<Watch>(loop_, fd);
    watch->wants_read = (what & CURL_POLL_IN) != 0;
    watch->wants_write = (what & CURL_POLL_OUT) != 0;
    wait(fd, watch);
  }

  // Waits for what libcurl wants and is not waited for yet. The wait holds the watch weakly: one
  // that libcurl has removed is gone when its wait ends.
  void wait(curl_socket_t fd, const std::shared_ptr<Watch>& watch) {
    const std::weak_ptr<Watch> weak = watch;
    if (watch->wants_read && !watch->reading) {
      watch->reading = true;
      watch->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                   [this, fd, weak](boost::system::error_code) {
                                     if (const auto alive = weak.lock()) {
                                       alive->reading = false;
                                       act(fd, CURL_CSELECT_IN, weak);
                                     }
                                   });
    }
    if (watch->wants_write && !watch->writing) {
      watch->writing = true;
      watch->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                   [this, fd, weak](boost::system::error_code) {
                                     if (const auto alive = weak.lock()) {
                                       alive->writing = false;
                                       act(fd, CURL_CSELECT_OUT, weak);
                                     }
                                   });
    }
  }

  void act(curl_socket_t fd, int events, const std::weak_ptr<Watch>& weak) {
    int running = 0;
    curl_multi_socket_action(multi_, fd, events, &running);
    report_finished();
    if (const auto alive = weak.lock()) wait(fd, alive);
  }

  void set_timer(long wait_ms) {
    if (timer_) clock_.cancel(*timer_);
    timer_.reset();
    if (wait_ms < 0) return;
    timer_ = clock_.call_at(clock_.now() + Duration(wait_ms), [this] {
      timer_.reset();
      act(CURL_SOCKET_TIMEOUT, 0, {});
    });
  }

  void report_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      char* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      to_transfer(transfer).done.deliver(message->data.result);
    }
  }

  asio::io_context& loop_;
  Clock& clock_;
  CURLM* multi_ = nullptr;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::optional<TimerId> timer_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_http_client(asio::io_context& loop, Clock& clock) {
  return std::make_unique<CurlHttpClient>(loop, clock);
}

}  // namespace headrace::functions
