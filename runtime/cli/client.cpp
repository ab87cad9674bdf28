#include "runtime/cli/client.hpp"

#include <iostream>
#include <memory>
#include <vector>

#include <curl/curl.h>

#include "base/http.hpp"
#include "base/json_writer.hpp"
#include "runtime/auth/sigv4.hpp"
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

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

CurlHeaders make_lines(const Headers& headers) {
  curl_slist* list = nullptr;
  for (const auto& [name, value] : headers) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
  list = curl_slist_append(list, "Expect:");  // nobody needs to be asked first
  return {list, curl_slist_free_all};
}

// "127.0.0.1:4566"
std::string authority_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(begin, url.find('/', begin) - begin);
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
  std::string path;                 // with its query
  std::optional<std::string> body;  // a POST
  Headers headers;
};

// Adds the headers that say who calls.
void ServerClient::sign(Call& call) const {
  if (!endpoint_.credential) return;
  call.headers.emplace_back("host", authority_of(endpoint_.url));
  call.headers.emplace_back("x-amz-date", to_timestamp(wall_clock_now()));
  HttpRequest request;
  request.method = call.body ? "POST" : "GET";
  const std::string_view path = call.path;
  const std::size_t mark = path.find('?');
  request.path = path.substr(0, mark);
  if (mark != std::string_view::npos) request.query = path.substr(mark + 1);
  for (const auto& [name, value] : call.headers) request.headers.push_back({name, value});
  request.body = call.body.value_or("");
  const Credential& who = *endpoint_.credential;
  const std::string date = call.headers.back().second.substr(0, 8);
  // `_` is no region: the server takes its own.
  const std::string region = endpoint_.region.empty() ? "_" : endpoint_.region;
  call.headers.emplace_back(
      "authorization",
      authorization(request, who.secret, {who.access_key_id, date, region, "sqs"}));
}

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
  call.headers = {{"content-type", "application/x-amz-json-1.0"},
                  {"x-amz-target", "AmazonSQS." + std::string(action)}};
  if (!endpoint_.region.empty() && !endpoint_.credential) {
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

std::optional<JsonDocument> ServerClient::post(const std::string& path, const std::string& body) {
  Call call;
  call.path = path;
  call.body = body;
  call.headers = {{"content-type", "application/json"}};
  return perform(std::move(call));
}

std::optional<JsonDocument> ServerClient::perform(Call call) {
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
