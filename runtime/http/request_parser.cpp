#include "runtime/http/request_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <llhttp.h>

#include "base/check.hpp"
#include "runtime/http/authority.hpp"

namespace headrace::runtime {
namespace {

// A body's memory grows with what has arrived, not with what was announced.
constexpr std::size_t kBodyReserveMax = 64 * 1024;

constexpr const char* kDisagreement = "The request's framing is ambiguous.";

// Names that decide framing, routing or identity: as trailers they are an attack (RFC 9110 6.5.1).
constexpr std::array<std::string_view, 6> kForbiddenTrailers = {
    "host", "authorization", "content-length", "transfer-encoding", "content-type", "x-amz-target"};

std::string_view part(const std::string& text, std::uint32_t begin, std::uint32_t end) {
  return std::string_view(text).substr(begin, end - begin);
}

void make_lower_case(std::string& text, std::uint32_t begin, std::uint32_t end) {
  for (std::uint32_t i = begin; i < end; ++i) {
    if (text[i] >= 'A' && text[i] <= 'Z') text[i] = static_cast<char>(text[i] + ('a' - 'A'));
  }
}

bool is_http_version(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  return text.size() == 8 && text.starts_with("HTTP/") && digit(5) && text[6] == '.' && digit(7);
}

// Digits alone: no sign, no list, no space (RFC 9110 8.6).
std::optional<std::uint64_t> parse_content_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

}  // namespace

struct RequestParser::Llhttp {
  llhttp_t state{};
  std::string* body = nullptr;
  bool complete = false;
  bool keep_alive = false;

  void restart(std::string& into) {
    static const llhttp_settings_t kSettings = make_settings();
    llhttp_init(&state, HTTP_REQUEST, &kSettings);
    state.data = this;
    body = &into;
    complete = false;
  }

  static Llhttp& of(llhttp_t* parser) { return *static_cast<Llhttp*>(parser->data); }

  static llhttp_settings_t make_settings() {
    llhttp_settings_t settings{};
    llhttp_settings_init(&settings);
    settings.on_body = [](llhttp_t* parser, const char* at, std::size_t length) {
      of(parser).body->append(at, length);
      return 0;
    };
    settings.on_message_complete = [](llhttp_t* parser) {
      of(parser).complete = true;
      of(parser).keep_alive = llhttp_should_keep_alive(parser) != 0;
      return 0;
    };
    return settings;
  }
};

RequestParser::RequestParser(const RequestLimits& limits)
    : limits_(limits),
      llhttp_(std::make_unique<Llhttp>()),
      head_scan_(HeadScan::head(limits)),
      chunk_scan_(limits),
      trailer_scan_(HeadScan::trailers(limits)) {}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  if (state_ == State::kHead) used = feed_head(bytes);
  if (state_ == State::kBody) used += feed_body(bytes.substr(used));
  return used;
}

bool RequestParser::keep_alive() const { return state_ != State::kRefused && llhttp_->keep_alive; }

bool RequestParser::take_expectation() {
  if (state_ != State::kBody) return false;
  return std::exchange(expects_continue_, false);
}

HttpRequest RequestParser::take() {
  HR_CHECK(state_ == State::kComplete);
  HttpRequest request = std::move(request_);
  request_ = HttpRequest{};
  state_ = State::kHead;
  head_bytes_ = 0;
  head_scan_.restart();
  return request;
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
  const std::size_t used = head_scan_.feed(bytes);
  if (!request_.head) request_.head = std::make_unique<std::string>();
  request_.head->append(bytes.substr(0, used));
  head_bytes_ += used;
  if (head_scan_.state() == HeadScan::State::kRefused) {
    refuse(head_scan_.refusal().status, head_scan_.refusal().reason);
  } else if (head_scan_.state() == HeadScan::State::kDone) {
    finish_head();
  }
  return used;
}

void RequestParser::finish_head() {
  hosts_ = content_lengths_ = transfer_encodings_ = 0;
  body_left_ = 0;
  expects_continue_ = false;
  if (!read_request_line()) return;
  if (!read_fields()) return;
  if (!check_framing()) return;

  llhttp_->restart(request_.body);
  if (!execute(*request_.head)) return;
  const bool has_body = transfer_encodings_ > 0 || body_left_ > 0;
  if (llhttp_->complete == has_body) {
    refuse(400, kDisagreement);
    return;
  }
  if (!has_body) {
    state_ = State::kComplete;
    return;
  }
  state_ = State::kBody;
  request_.body.reserve(std::min(body_left_, kBodyReserveMax));
  chunk_scan_ = ChunkScan(limits_);
  trailer_scan_.restart();
  trailers_.clear();
}

// METHOD SP target SP HTTP/1.x, the target in origin form: we are no proxy (RFC 9112 3.2.1).
bool RequestParser::read_request_line() {
  const auto line = std::string_view(*request_.head).substr(0, head_scan_.request_line_bytes());
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return refuse(400, "The request line is not METHOD TARGET VERSION.");
  }
  const std::string_view version = line.substr(last + 1);
  if (!is_http_version(version)) return refuse(400, "The request line has no HTTP version.");
  http_1_0_ = version == "HTTP/1.0";
  if (!http_1_0_ && version != "HTTP/1.1") return refuse(505, "Only HTTP/1.0 and 1.1 are spoken.");

  request_.method = line.substr(0, first);
  if (request_.method == "CONNECT") return refuse(501, "CONNECT is not offered.");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!target.starts_with('/') || target.find_first_of(" #") != std::string_view::npos) {
    return refuse(400, "The request target is not a path.");
  }
  const std::size_t mark = target.find('?');
  request_.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request_.query = target.substr(mark + 1);
  return true;
}

bool RequestParser::read_fields() {
  std::string& head = *request_.head;
  request_.headers.reserve(head_scan_.fields().size());
  for (const FieldSpan& span : head_scan_.fields()) {
    make_lower_case(head, span.name_begin, span.name_end);
    const HttpHeaderView field{part(head, span.name_begin, span.name_end),
                               part(head, span.value_begin, span.value_end)};
    if (!read_field(field)) return false;
    request_.headers.push_back(field);
  }
  return true;
}

bool RequestParser::read_field(const HttpHeaderView& field) {
  if (field.name == "host") {
    if (++hosts_ > 1) return refuse(400, "The request has two Host headers.");
    if (!parse_authority(field.value)) return refuse(400, "The Host header is malformed.");
  } else if (field.name == "content-length") {
    if (++content_lengths_ > 1) return refuse(400, "The request has two Content-Length headers.");
    const std::optional<std::uint64_t> length = parse_content_length(field.value);
    if (!length) return refuse(400, "The Content-Length header is not a number.");
    if (*length > limits_.body_bytes) return refuse(413, "The request body is too large.");
    body_left_ = static_cast<std::size_t>(*length);
  } else if (field.name == "transfer-encoding") {
    if (++transfer_encodings_ > 1) return refuse(400, "The request has two Transfer-Encodings.");
    if (!equals_ignoring_case(field.value, "chunked")) {
      return refuse(501, "Of the transfer codings only chunked is understood.");
    }
  } else if (field.name == "expect") {
    if (!equals_ignoring_case(field.value, "100-continue")) {
      return refuse(417, "Of the expectations only 100-continue is understood.");
    }
    expects_continue_ = !http_1_0_;
  } else if (field.name == "upgrade") {
    return refuse(501, "No other protocol is offered.");
  }
  return true;
}

bool RequestParser::check_framing() {
  if (hosts_ == 0 && !http_1_0_) return refuse(400, "The request has no Host header.");
  const bool chunked = transfer_encodings_ > 0;
  if (chunked && http_1_0_) return refuse(400, "HTTP/1.0 has no Transfer-Encoding.");
  if (chunked && content_lengths_ > 0) {
    return refuse(400, "The request has both Content-Length and Transfer-Encoding.");
  }
  const bool bodiless = request_.method == "GET" || request_.method == "HEAD";
  if (bodiless && (chunked || body_left_ > 0)) return refuse(400, "GET and HEAD have no body.");
  return true;
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
  if (transfer_encodings_ > 0) return feed_chunks(bytes);
  const std::size_t used = std::min(bytes.size(), body_left_);
  body_left_ -= used;
  if (!execute(bytes.substr(0, used))) return used;
  if (llhttp_->complete != (body_left_ == 0)) {
    refuse(400, kDisagreement);
  } else if (llhttp_->complete) {
    state_ = State::kComplete;
  }
  return used;
}

std::size_t RequestParser::feed_chunks(std::string_view bytes) {
  const std::size_t used = chunk_scan_.feed(bytes);
  if (chunk_scan_.state() == ChunkScan::State::kRefused) {
    refuse(chunk_scan_.refusal().status, chunk_scan_.refusal().reason);
    return used;
  }
  if (!execute(bytes.substr(0, used))) return used;
  if (llhttp_->complete) {
    refuse(400, kDisagreement);
    return used;
  }
  if (chunk_scan_.state() == ChunkScan::State::kMore) return used;
  return used + feed_trailers(bytes.substr(used));
}

// llhttp never sees a trailer, so none can become a header or change the framing.
std::size_t RequestParser::feed_trailers(std::string_view bytes) {
  const std::size_t used = trailer_scan_.feed(bytes);
  trailers_.append(bytes.substr(0, used));
  if (trailer_scan_.state() == HeadScan::State::kRefused) {
    refuse(trailer_scan_.refusal().status, trailer_scan_.refusal().reason);
  } else if (trailer_scan_.state() == HeadScan::State::kDone) {
    finish_trailers();
  }
  return used;
}

void RequestParser::finish_trailers() {
  for (const FieldSpan& span : trailer_scan_.fields()) {
    make_lower_case(trailers_, span.name_begin, span.name_end);
    const std::string_view name = part(trailers_, span.name_begin, span.name_end);
    const auto& forbidden = kForbiddenTrailers;
    if (std::find(forbidden.begin(), forbidden.end(), name) != forbidden.end()) {
      refuse(400, "A trailer has a name that only headers may have.");
      return;
    }
    const std::string_view value = part(trailers_, span.value_begin, span.value_end);
    request_.trailers.push_back({std::string(name), std::string(value)});
  }
  if (!execute("\r\n")) return;
  if (llhttp_->complete) {
    state_ = State::kComplete;
  } else {
    refuse(400, kDisagreement);
  }
}

bool RequestParser::execute(std::string_view bytes) {
  const llhttp_errno_t error = llhttp_execute(&llhttp_->state, bytes.data(), bytes.size());
  if (error == HPE_OK) return true;
  if (error == HPE_INVALID_METHOD) return refuse(501, "The request method is unknown.");
  return refuse(400, "The request is not valid HTTP.");
}

bool RequestParser::refuse(int status, const char* reason) {
  state_ = State::kRefused;
  refusal_ = Refusal{status, reason};
  return false;
}

}  // namespace headrace::runtime
