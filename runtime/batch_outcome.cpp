#include "runtime/batch_outcome.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "base/codec.hpp"
#include "base/json.hpp"
#include "base/mutant.hpp"
#include "functions/limits.hpp"

namespace headrace::runtime {

namespace {

constexpr const char* kReported = "the function reported it in batchItemFailures";

BatchOutcome all_succeeded(const functions::Event& event) {
  BatchOutcome outcome;
  outcome.failures.resize(event.records.size());
  return outcome;
}

// A reason is kept once per record, up to 10,000 times.
std::string kept(std::string_view reason) {
  return bounded_utf8(reason, functions::kReasonBytesMax);
}

BatchOutcome all_failed(const functions::Event& event, const std::string& reason) {
  BatchOutcome outcome;
  outcome.failures.assign(event.records.size(), kept(reason));
  outcome.function_error = true;
  return outcome;
}

std::string error_text(const functions::InvocationResult& result) {
  if (result.error_type.empty()) return result.error_message;
  return result.error_type + ": " + result.error_message;
}

bool lists_failures(std::string_view payload) {
  const auto document = JsonDocument::parse(payload);
  if (!document) return false;
  const auto failures = document->root().find("batchItemFailures");
  return failures && !failures->elements().empty();
}

// The records a handler failed by index: native handlers do not spell out JSON.
BatchOutcome judge_record_failures(const functions::Event& event,
                                   const functions::InvocationResult& result,
                                   ItemFailures item_failures) {
  const functions::RecordFailure& first = result.record_failures.front();
  // Without reporting, a record that threw is a batch that threw: nothing is lost.
  if (item_failures == ItemFailures::kIgnored) return all_failed(event, first.reason);
  BatchOutcome outcome = all_succeeded(event);
  for (const functions::RecordFailure& failure : result.record_failures) {
    if (failure.index >= event.records.size()) {
      return all_failed(event, "the function failed a record that is not in the batch");
    }
    outcome.failures[failure.index] = kept(failure.reason);
  }
  return outcome;
}

BatchOutcome judge_answer(const functions::Event& event, std::string_view payload) {
  if (payload.empty()) return all_succeeded(event);
  const auto document = JsonDocument::parse(payload);
  if (!document) return all_failed(event, "the function's answer is not JSON");
  const JsonValue answer = document->root();
  if (answer.is_null()) return all_succeeded(event);
  if (!answer.is_object()) return all_failed(event, "the function's answer is no JSON object");
  const auto failures = answer.find("batchItemFailures");
  if (!failures || failures->is_null()) return all_succeeded(event);
  if (failures->type() != JsonType::kArray) {
    return all_failed(event, "batchItemFailures is no list");
  }
  std::map<std::string_view, std::size_t> by_id;
  for (std::size_t i = 0; i < event.records.size(); ++i) by_id[event.records[i].message_id] = i;
  BatchOutcome outcome = all_succeeded(event);
  for (const JsonValue& item : failures->elements()) {
    const auto identifier = item.find("itemIdentifier");
    const auto text = identifier ? identifier->as_string() : std::nullopt;
    if (!text || text->empty()) {
      return all_failed(event, "an entry of batchItemFailures has no itemIdentifier");
    }
    const auto found = by_id.find(*text);
    if (found == by_id.end()) {
      return all_failed(event, "batchItemFailures names a message that is not in the batch");
    }
    outcome.failures[found->second] = kReported;
  }
  return outcome;
}

}  // namespace

std::size_t BatchOutcome::failed() const {
  return static_cast<std::size_t>(
      std::count_if(failures.begin(), failures.end(), [](const auto& f) { return f.has_value(); }));
}

BatchOutcome judge(const functions::Event& event, const functions::InvocationResult& result,
                   ItemFailures item_failures) {
  if (HR_MUTANT(24) && result.error_type == "Sandbox.Timedout") return all_succeeded(event);
  if (result.outcome != functions::Outcome::kSucceeded) {
    return all_failed(event, error_text(result));
  }
  if (!result.record_failures.empty()) {
    return judge_record_failures(event, result, item_failures);
  }
  if (item_failures == ItemFailures::kReported && !HR_MUTANT(19)) {
    return judge_answer(event, result.payload);
  }
  BatchOutcome outcome = all_succeeded(event);
  outcome.item_failures_ignored = !result.payload.empty() && lists_failures(result.payload);
  return outcome;
}

}  // namespace headrace::runtime
