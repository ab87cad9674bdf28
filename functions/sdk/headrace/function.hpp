// The handler SDK: write a function of C++, name it once, build it as a .so.
//
//   void handler(const headrace::Event& event, headrace::Context& context);    // the whole batch
//   void handler(const headrace::Record& record, headrace::Context& context);  // or one message
//   HEADRACE_FUNCTION(handler)
//
// A batch handler that throws fails its batch. A record handler that throws fails that record only;
// in a FIFO batch the later records of its group fail with it, uncalled, so that order is kept.
// Everything is a view into memory that ends with the call.
#pragma once

#include <chrono>
#include <cstdlib>
#include <exception>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

#include <cxxabi.h>
#include <headrace/function.h>

#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#define HEADRACE_HAS_JSON 1
#endif

#define HEADRACE_SDK "headrace C++ 1.0"

namespace headrace {

inline std::string_view to_view(hr_str text) { return {text.ptr, text.len}; }
inline hr_str to_borrowed(std::string_view text) { return {text.data(), text.size()}; }

class Attribute {
 public:
  explicit Attribute(const hr_attr& raw) : raw_(&raw) {}
  std::string_view name() const { return to_view(raw_->name); }
  std::string_view data_type() const { return to_view(raw_->data_type); }
  std::string_view value() const { return to_view(raw_->value); }  // bytes, not base64
  bool binary() const { return (raw_->flags & HR_ATTR_BINARY) != 0; }

 private:
  const hr_attr* raw_;
};

class Record {
 public:
  Record(const hr_batch& batch, std::uint32_t index)
      : batch_(&batch), raw_(hr_record_at(&batch, index)), index_(index) {}

  std::uint32_t index() const { return index_; }
  std::string_view message_id() const { return to_view(raw_->message_id); }
  std::string_view receipt_handle() const { return to_view(raw_->receipt_handle); }
  std::string_view body() const { return to_view(raw_->body); }
  std::string_view md5_of_body() const { return to_view(raw_->md5_of_body); }
  std::string_view sender_id() const { return to_view(raw_->sender_id); }
  std::string_view group_id() const { return to_view(raw_->group_id); }
  std::string_view deduplication_id() const { return to_view(raw_->deduplication_id); }
  std::string_view sequence_number() const { return to_view(raw_->sequence_number); }
  std::string_view trace_header() const { return to_view(raw_->trace_header); }
  std::string_view dead_letter_source_arn() const { return to_view(raw_->dead_letter_source_arn); }
  std::int64_t sent_ms() const { return raw_->sent_ms; }
  std::int64_t first_received_ms() const { return raw_->first_received_ms; }
  std::uint32_t receive_count() const { return raw_->receive_count; }

  std::optional<Attribute> attribute(std::string_view name) const {
    for (std::uint32_t i = 0; i < raw_->attr_count; ++i) {
      const Attribute found(*hr_attr_at(batch_, raw_, i));
      if (found.name() == name) return found;
    }
    return std::nullopt;
  }

#ifdef HEADRACE_HAS_JSON
  // The body as JSON; throws when it is none.
  nlohmann::json json() const { return nlohmann::json::parse(body()); }
#endif

 private:
  const hr_batch* batch_;
  const hr_record* raw_;
  std::uint32_t index_;
};

class Event {
 public:
  explicit Event(const hr_batch& raw) : raw_(&raw) {}

  std::uint32_t size() const { return raw_->count; }
  Record operator[](std::uint32_t index) const { return Record(*raw_, index); }
  std::string_view source_arn() const { return to_view(raw_->source_arn); }
  std::string_view region() const { return to_view(raw_->region); }
  // True for a batch of a FIFO queue. (A standard queue's messages may carry a group, too.)
  bool fifo() const { return size() > 0 && !(*this)[0].sequence_number().empty(); }

  class Iterator {  // as much of one as a range-for needs
   public:
    Iterator(const hr_batch& batch, std::uint32_t index) : batch_(&batch), index_(index) {}
    Record operator*() const { return Record(*batch_, index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const hr_batch* batch_;
    std::uint32_t index_;
  };
  Iterator begin() const { return {*raw_, 0}; }
  Iterator end() const { return {*raw_, size()}; }

 private:
  const hr_batch* raw_;
};

enum class LogLevel { kDebug = HR_LOG_DEBUG, kInfo, kWarning, kError };

class Context {
 public:
  explicit Context(const hr_context& raw) : raw_(&raw) {}

  std::string_view request_id() const { return to_view(raw_->request_id); }
  std::string_view function_name() const { return to_view(raw_->function_name); }
  std::string_view function_version() const { return to_view(raw_->function_version); }
  std::string_view function_arn() const { return to_view(raw_->function_arn); }
  std::string_view trace_id() const { return to_view(raw_->trace_id); }

  // The process is killed at the deadline.
  std::chrono::system_clock::time_point deadline() const {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(raw_->deadline_ms));
  }
  std::chrono::milliseconds remaining() const {
    return std::chrono::milliseconds(raw_->host->remaining_ms(raw_->call));
  }

  void log(std::string_view text) { log(LogLevel::kInfo, text); }
  void log(LogLevel level, std::string_view text) {
    raw_->host->log(raw_->call, static_cast<int>(level), to_borrowed(text));
  }

  // This record failed, the batch goes on.
  void fail(const Record& record, std::string_view reason) {
    raw_->host->fail(raw_->call, record.index(), to_borrowed(reason));
  }

  // The function's answer, as JSON.
  void respond(std::string_view json) { raw_->host->respond(raw_->call, to_borrowed(json)); }

  // The batch as AWS Lambda's event; costs a rendering when first asked for.
  std::string_view event_json() const { return to_view(raw_->host->event_json(raw_->call)); }

 private:
  const hr_context* raw_;
};

namespace sdk {

struct Failure {
  std::string type;
  std::string message;
};

// What the exception being handled is. Called inside a catch block.
inline Failure current_failure() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  char* readable =
      type != nullptr ? abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr) : nullptr;
  Failure failure{readable != nullptr ? readable : "unknown", ""};
  std::free(readable);
  try {
    throw;
  } catch (const std::exception& error) {
    failure.message = error.what();
  } catch (...) {
    failure.message = "something was thrown that is no std::exception";
  }
  return failure;
}

template <auto kHandler>
void handle_records(const Event& event, Context& context) {
  std::set<std::string_view> failed_groups;
  const bool fifo = event.fifo();
  for (const Record record : event) {
    if (fifo && failed_groups.count(record.group_id()) > 0) {
      context.fail(record, "an earlier message of its group failed");
      continue;
    }
    try {
      kHandler(record, context);
    } catch (...) {
      context.fail(record, current_failure().message);
      if (fifo) failed_groups.insert(record.group_id());
    }
  }
}

template <auto kHandler>
int handle(void* /*state*/, const hr_context* raw) noexcept {
  constexpr bool kTakesBatch = std::is_invocable_v<decltype(kHandler), const Event&, Context&>;
  constexpr bool kTakesRecord = std::is_invocable_v<decltype(kHandler), const Record&, Context&>;
  static_assert(kTakesBatch || kTakesRecord,
                "a handler takes (const headrace::Event&, headrace::Context&) or "
                "(const headrace::Record&, headrace::Context&)");
  try {
    Context context(*raw);
    const Event event(*raw->batch);
    if constexpr (kTakesBatch) {
      kHandler(event, context);
    } else {
      handle_records<kHandler>(event, context);
    }
    return 0;
  } catch (...) {
    const Failure failure = current_failure();
    raw->host->error(raw->call, to_borrowed(failure.type), to_borrowed(failure.message), {});
    return 1;
  }
}

template <auto kHandler>
const hr_function* describe(const char* name) {
  static const hr_function description = {
      sizeof(hr_function), HR_ABI_MAJOR, HR_ABI_MINOR, name, nullptr, HEADRACE_SDK, 0, 0, nullptr,
      &handle<kHandler>,   nullptr};
  return &description;
}

}  // namespace sdk
}  // namespace headrace

// Once per .so, at file level.
#define HEADRACE_FUNCTION(handler)                                                        \
  HR_NOTE(#handler "\0" HEADRACE_SDK);                                                    \
  extern "C" HR_EXPORT const hr_function* headrace_function_v1(const hr_host* /*host*/) { \
    return ::headrace::sdk::describe<&handler>(#handler);                                 \
  }
