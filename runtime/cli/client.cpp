#include "runtime/cli/client.hpp"

#include <iostream>
#include <memory>
#include <vector>

#include <curl/curl.h>

#include "base/json_writer.hpp"
#include "runtime/cli/command_line.hpp"
#include "runtime/cli/output.hpp"

namespace headrace::runtime {

namespace {

constexpr long kConnectSecondsMax = 5;
constexpr long kCallSecondsMax = 120;  // a redrive of many messages; a long poll takes 20
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

CurlHeaders make_headers(const std::vector<std::string>& lines) {
  curl_slist* list = nullptr;
  for (const std::string& line : lines) list = curl_slist_append(list, line.c_str());
  return {list, curl_slist_free_all};
}

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
  std::string path;
  std::optional<std::string> body;  // a POST
  std::vector<std::string> headers;
};

std::optional<JsonDocument> ServerClient::sqs_of(const std::string& queue, std::string_view action,
                                                 const std::string& body) {
  if (!endpoint_.region.empty()) {
    std::string request;
    JsonWriter out(request);
    out.begin_object().member("queue", queue).member("max", 1).member("region", endpoint_.region);
    if (!endpoint_.account.empty()) out.member("account", endpoint_.account);
    out.end_object();
    if (!post("/_headrace/peek", request)) return std::nullopt;
  }
  return sqs(action, body);
}

std::optional<JsonDocument> ServerClient::sqs(std::string_view action, const std::string& body) {
  Call call;
  call.path = "/";
  call.body = body;
  call.headers = {"Content-Type: application/x-amz-json-1.0",
                  "X-Amz-Target: AmazonSQS." + std::string(action)};
  if (!endpoint_.region.empty()) {
    // Not a signature: the scope is how SQS clients name account and region.
    const std::string key = endpoint_.account.empty() ? "headrace" : endpoint_.account;
    call.headers.push_back("Authorization: AWS4-HMAC-SHA256 Credential=" + key + "/20260101/" +
                           endpoint_.region +
                           "/sqs/aws4_request, SignedHeaders=host, Signature=none");
  }
  return perform(call);
}

std::optional<JsonDocument> ServerClient::get(const std::string& path_and_query) {
  Call call;
  call.path = path_and_query;
  return perform(call);
}

std::optional<JsonDocument> ServerClient::post(const std::string& path, const std::string& body) {
  Call call;
  call.path = path;
  call.body = body;
  call.headers = {"Content-Type: application/json"};
  return perform(call);
}

std::optional<JsonDocument> ServerClient::perform(const Call& call) {
  const Curl curl(curl_easy_init(), curl_easy_cleanup);
  std::vector<std::string> lines = call.headers;
  lines.emplace_back("Expect:");
  const CurlHeaders headers = make_headers(lines);
  const std::string url = endpoint_.url + call.path;
  std::string reply;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSecondsMax);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kCallSecondsMax);
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
