#include "examples/signup/handler/delivery.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>

#include <curl/curl.h>

namespace signup {
namespace {

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

constexpr std::chrono::milliseconds kConnectLimit{1000};
constexpr std::size_t kLongestRefusal = 512;  // bytes, RFC 5321 4.5.3.1.5

std::size_t read_text(char* into, std::size_t size, std::size_t count, void* state) {
  auto& rest = *static_cast<std::string_view*>(state);
  const std::string_view part = rest.substr(0, size * count);
  part.copy(into, part.size());
  rest.remove_prefix(part.size());
  return part.size();
}

// Keeps the line with which the server refuses (RFC 5321 4.2.1: it starts with 4 or 5).
std::size_t keep_refusal(const char* data, std::size_t size, std::size_t count, void* state) {
  std::string_view line(data, size * count);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (!line.empty() && (line.front() == '4' || line.front() == '5')) {
    static_cast<std::string*>(state)->assign(line.substr(0, kLongestRefusal));
  }
  return size * count;
}

}  // namespace

void send_by_smtp(const Mail& mail, const std::string& url, std::chrono::milliseconds limit) {
  if (limit <= std::chrono::milliseconds::zero()) throw std::runtime_error("no time left");
  const CurlHandle curl(curl_easy_init(), &curl_easy_cleanup);
  const CurlList recipients(curl_slist_append(nullptr, mail.recipient.c_str()),
                            &curl_slist_free_all);
  if (!curl || !recipients) throw std::bad_alloc();
  const std::string sender(kSender);
  std::string_view rest = mail.text;
  std::string refusal;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(limit, kConnectLimit).count()));
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, sender.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &read_text);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &rest);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &keep_refusal);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &refusal);

  const CURLcode result = curl_easy_perform(curl.get());
  if (result == CURLE_OK) return;
  if (!refusal.empty()) throw std::runtime_error(mail.recipient + " was refused: " + refusal);
  throw std::runtime_error(mail.recipient + " was not sent: " + curl_easy_strerror(result));
}

void write_to_outbox(const Mail& mail, const std::string& folder) {
  if (folder.empty()) throw std::runtime_error("no folder for mails is set");
  const std::filesystem::path path = std::filesystem::path(folder) / (mail.id + ".eml");
  std::filesystem::path unfinished = path;
  unfinished += ".part";
  std::filesystem::create_directories(folder);
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file << mail.text;
  file.close();
  if (!file) throw std::runtime_error("could not write " + unfinished.string());
  std::filesystem::rename(unfinished, path);
}

}  // namespace signup
