#include "runtime/http/response.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "queue/sqs/error_response.hpp"

namespace headrace::runtime {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Phrase {
  int status;
  std::string_view text;
};

constexpr std::array<Phrase, 22> kPhrases = {{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
}};

// Empty when unlisted: the phrase carries no meaning (RFC 9112 section 4).
std::string_view reason_phrase(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return {};
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_two_digits(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

void append_field_text(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out += text;
  for (std::size_t i = begin; i < out.size(); ++i) {
    if (static_cast<unsigned char>(out[i]) < 0x20 || out[i] == 0x7f) out[i] = ' ';
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_field_text(out, name);
  out += ": ";
  append_field_text(out, value);
  out += "\r\n";
}

void append_date(std::string& out, TimePoint now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  out += kDays[std::chrono::weekday(day).c_encoding()];
  out += ", ";
  append_two_digits(out, static_cast<unsigned>(date.day()));
  out += ' ';
  out += kMonths[static_cast<unsigned>(date.month()) - 1];
  out += ' ';
  append_two_digits(out, year / 100);
  append_two_digits(out, year % 100);
  out += ' ';
  append_two_digits(out, static_cast<unsigned>(time.hours().count()));
  out += ':';
  append_two_digits(out, static_cast<unsigned>(time.minutes().count()));
  out += ':';
  append_two_digits(out, static_cast<unsigned>(time.seconds().count()));
  out += " GMT";
}

}  // namespace

bool may_have_body(int status) { return status != 204 && status != 304; }

std::string render_common_headers(TimePoint now) {
  std::string lines = "Date: ";
  append_date(lines, now);
  lines += "\r\nX-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n";
  return lines;
}

void append_response_head(std::string& out, const HttpResponse& response,
                          std::string_view common_headers, ConnectionHeader connection) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  out += common_headers;
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  if (may_have_body(response.status)) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  switch (connection) {
    case ConnectionHeader::kNone: break;
    case ConnectionHeader::kClose: out += "Connection: close\r\n"; break;
    case ConnectionHeader::kKeepAlive: out += "Connection: keep-alive\r\n"; break;
  }
  out += "\r\n";
}

HttpResponse refusal_response(const Refusal& refusal, const HttpRequest& request,
                              std::string_view request_id) {
  HttpResponse response;
  const bool is_form = equals_ignoring_case(media_type_of(request), queue::sqs::kFormContentType);
  if (!queue::sqs::is_query_protocol(request) || is_form) {
    const auto code = refusal.status == 503 ? queue::ErrorCode::kServiceUnavailable
                                            : queue::ErrorCode::kAccessDenied;
    response = queue::sqs::error_response(request, {code, refusal.reason}, request_id);
  } else {
    response.content_type = "text/plain";
    response.headers.emplace_back("x-amzn-RequestId", request_id);
    response.body = refusal.reason;
    response.body += '\n';
  }
  response.status = refusal.status;
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace headrace::runtime
