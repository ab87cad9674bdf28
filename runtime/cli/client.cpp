#include "runtime/cli/client.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <vector>

#include <curl/curl.h>

#include "base/http.hpp"
#include "base/json_writer.hpp"
#include "runtime/auth/authenticator.hpp"
#include "runtime/auth/sigv4.hpp"
#include "runtime/cli/command_line.hpp"
#include "runtime/cli/output.hpp"

namespace headrace::runtime {

namespace {

constexpr long kConnectSecondsMax = 5;
constexpr std::size_t kReplyBytesMax = std::size_t{64} << 20;

using Curl = std::unique_ptr<CURL, void (*)(CURL*)>;
using CurlHeaders = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

// libcurl's write callback: returning less than it was given ends the call.
std::size_t append_reply(char* bytes, std::size_t size, std::size_t count, void* reply) {
  std::string& text = *static_cast<std::string*>(reply);
  if (text.size() + size * count > kReplyBytesMax) return 0;
  text.append(bytes, size * count);
  return size * count;
}

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

CurlHeaders make_lines(const Headers& headers) {
  curl_slist* list = nullptr;
  for (const auto& [name, value] : headers) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
  list = curl_slist_append(list, "Expect:");  // nobody needs to be asked first
  return {list, curl_slist_free_all};
}

// "127.0.0.1:4566" and "/prefix" of an endpoint's URL.
struct UrlParts {
  std::string authority;
  std::string path;
};

UrlParts parts_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t slash = std::min(url.find('/', begin), url.size());
  return {url.substr(begin, slash - begin), url.substr(slash)};
}

std::string last_segment(const std::string& url) { return url.substr(url.rfind('/') + 1); }

// The sentence in an error answer, whichever API gave it.
std::string error_text(const JsonDocument& answer, long status) {
  for (const auto name : {"message", "error"}) {
    const auto text = answer.root().find(name);
    if (text && text->as_string()) return std::string(*text->as_string());
  }
  return "status " + std::to_string(status);
}

}  // namespace

struct ServerClient::Call {
  std::string path;                 // with its query
  std::optional<std::string> body;  // a POST
  Headers headers;
  std::chrono::seconds patience = kPatience;
};

ServerClient::ServerClient(Endpoint endpoint)
    : endpoint_(std::move(endpoint)),
      credential_(credential_from_environment(process_environment, "")) {}

// Adds the headers that say who calls.
void ServerClient::sign(Call& call) const {
  if (!*credential_) return;
  const Credential& who = **credential_;
  const UrlParts url = parts_of(endpoint_.url);
  const std::string timestamp = to_timestamp(wall_clock_now());
  call.headers.emplace_back("host", url.authority);
  call.headers.emplace_back("x-amz-date", timestamp);
  HttpRequest request;
  request.method = call.body ? "POST" : "GET";
  const std::string target = url.path + call.path;
  const std::string_view view = target;
  const std::size_t mark = std::min(view.find('?'), view.size());
  request.path = view.substr(0, mark);
  request.query = view.substr(std::min(mark + 1, view.size()));
  for (const auto& [name, value] : call.headers) request.headers.push_back({name, value});
  request.body = call.body.value_or("");
  const std::string region(endpoint_.region.empty() ? kServersRegion : endpoint_.region);
  call.headers.emplace_back(
      "authorization", authorization(request, who.secret,
                                     {who.access_key_id, timestamp.substr(0, 8), region, "sqs"}));
}

// A key has its account: a call for another one would be made for his.
bool ServerClient::may_call_sqs() {
  if (!credential_ || !*credential_ || endpoint_.account.empty()) return true;
  exit_code_ = kUsage;
  std::cerr << "headrace: --account means nothing beside HEADRACE_ACCESS_KEY_ID, whose account is "
               "the one of the call\n";
  return false;
}

bool ServerClient::queue_is_there(const std::string& queue) {
  std::string request;
  JsonWriter out(request);
  if (credential_ && *credential_) {
    out.begin_object().member("QueueName", last_segment(queue)).end_object();
    return sqs("GetQueueUrl", request).has_value();
  }
  out.begin_object().member("queue", queue).member("max", 1).member("region", endpoint_.region);
  if (!endpoint_.account.empty()) out.member("account", endpoint_.account);
  out.end_object();
  return post("/_headrace/peek", request).has_value();
}

std::optional<JsonDocument> ServerClient::sqs_of(const std::string& queue, std::string_view action,
                                                 const std::string& body) {
  if (!may_call_sqs()) return std::nullopt;
  if (!endpoint_.region.empty() && !queue_is_there(queue)) return std::nullopt;
  return sqs(action, body);
}

std::optional<JsonDocument> ServerClient::sqs(std::string_view action, const std::string& body) {
  if (!may_call_sqs()) return std::nullopt;
  Call call;
  call.path = "/";
  call.body = body;
  call.headers = {{"content-type", "application/x-amz-json-1.0"},
                  {"x-amz-target", "AmazonSQS." + std::string(action)}};
  const bool is_signed = credential_ && *credential_;
  if (!endpoint_.region.empty() && !is_signed) {
    // Not a signature: the scope is how SQS clients name account and region.
    const std::string key = endpoint_.account.empty() ? "headrace" : endpoint_.account;
    call.headers.emplace_back(
        "authorization", "AWS4-HMAC-SHA256 Credential=" + key + "/20260101/" + endpoint_.region +
                             "/sqs/aws4_request, SignedHeaders=host, Signature=none");
  }
  return perform(std::move(call));
}

std::optional<JsonDocument> ServerClient::get(const std::string& path_and_query) {
  Call call;
  call.path = path_and_query;
  return perform(std::move(call));
}

std::optional<JsonDocument> ServerClient::post(const std::string& path, const std::string& body,
                                               std::chrono::seconds patience) {
  Call call;
  call.path = path;
  call.body = body;
  call.headers = {{"content-type", "application/json"}};
  call.patience = patience;
  return perform(std::move(call));
}

std::optional<JsonDocument> ServerClient::perform(Call call) {
  if (!credential_) {
    exit_code_ = kUsage;
    std::cerr << "headrace: " << credential_.error().message << "\n";
    return std::nullopt;
  }
  sign(call);
  const Curl curl(curl_easy_init(), curl_easy_cleanup);
  const CurlHeaders headers = make_lines(call.headers);
  const std::string url = endpoint_.url + call.path;
  std::string reply;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSecondsMax);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, static_cast<long>(call.patience.count()));
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &append_reply);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &reply);
  if (call.body) {
    curl_easy_setopt(curl.get(), CURLOPT_POST, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(call.body->size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, call.body->c_str());
  }
  const CURLcode code = curl_easy_perform(curl.get());
  exit_code_ = kFailed;
  if (code != CURLE_OK) {
    std::cerr << "headrace: no answer from " << endpoint_.url << ": " << curl_easy_strerror(code)
              << "\n";
    return std::nullopt;
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  auto answer = JsonDocument::parse(reply);
  if (!answer) {
    std::cerr << "headrace: " << endpoint_.url << " answered something else than JSON (status "
              << status << ")\n";
    return std::nullopt;
  }
  if (status != 200) {
    exit_code_ = kRefused;
    std::cerr << "headrace: refused: " << printable(error_text(*answer, status)) << "\n";
    return std::nullopt;
  }
  exit_code_ = kDone;
  return std::move(*answer);
}

}  // namespace headrace::runtime
