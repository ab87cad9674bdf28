// RequestParser: bytes of a connection in, HttpRequests out.
//
// Pure, no I/O; owned by its session. Our scans look at every head and chunk line first, llhttp
// then parses the same bytes, and a request on whose framing the two disagree is refused (CWE-444).
// HTTP/1.0 and 1.1 only. A refused request ends the connection: what follows it cannot be trusted.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "runtime/http/chunk_scan.hpp"
#include "runtime/http/head_scan.hpp"
#include "runtime/http/limits.hpp"

namespace headrace::runtime {

class RequestParser {
 public:
  enum class State { kHead, kBody, kComplete, kRefused };

  explicit RequestParser(const RequestLimits& limits);  // which outlive the parser
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Parses on and returns how many bytes this request took; the rest belongs to the next one.
  // Takes nothing when complete or refused.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  const Refusal& refusal() const { return refusal_; }  // when refused
  bool started() const { return head_bytes_ > 0; }     // some byte of the request was taken
  std::size_t body_bytes() const { return request_.body.size(); }
  std::size_t body_memory() const { return request_.body.empty() ? 0 : request_.body.capacity(); }

  // The request as far as it is known, its head at least. While the body arrives and when complete.
  const HttpRequest& incoming() const { return request_; }

  // Of the last complete request, also after take().
  bool keep_alive() const;
  bool http_1_0() const { return http_1_0_; }

  // True once, when the client waits for `100 Continue` before it sends the body.
  bool take_expectation();

  // The request; the parser is then ready for the next. Only when complete.
  HttpRequest take();

 private:
  struct Llhttp;

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  std::size_t feed_chunks(std::string_view bytes);
  std::size_t feed_trailers(std::string_view bytes);
  void finish_head();
  void finish_trailers();
  bool read_request_line();
  bool read_fields();
  bool read_field(const HttpHeaderView& field);
  bool check_framing();
  bool execute(std::string_view bytes);
  bool refuse(int status, const char* reason);

  const RequestLimits& limits_;
  std::unique_ptr<Llhttp> llhttp_;
  State state_ = State::kHead;
  Refusal refusal_;
  HeadScan head_scan_;
  ChunkScan chunk_scan_;
  HeadScan trailer_scan_;
  std::string trailers_;
  HttpRequest request_;
  std::size_t head_bytes_ = 0;
  std::size_t body_left_ = 0;  // by Content-Length
  int hosts_ = 0;
  int content_lengths_ = 0;
  int transfer_encodings_ = 0;
  bool expects_continue_ = false;
  bool http_1_0_ = false;
};

}  // namespace headrace::runtime
