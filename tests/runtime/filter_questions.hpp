// Asks filter patterns about messages, for tests: what a pattern answers to a body.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/filter_pattern.hpp"

namespace headrace::runtime {

inline functions::Event event_of(const std::string& body) {
  functions::Event event;
  event.source_arn = "arn:aws:sqs:us-east-1:000000000000:signup";
  event.region = "us-east-1";
  functions::Record& record = event.records.emplace_back();
  record.message_id = "059f36b4-87a3-44ab-83d2-661975830a7d";
  record.body = body;
  record.sender_id = "000000000000";
  record.receive_count = 1;
  record.attributes.push_back({"plan", "String", "gold", functions::AttributeKind::kText});
  return event;
}

enum class Answer { kMatch, kNoMatch, kRefused };

inline std::ostream& operator<<(std::ostream& out, Answer answer) {
  switch (answer) {
    case Answer::kMatch: return out << "match";
    case Answer::kNoMatch: return out << "no match";
    case Answer::kRefused: return out << "refused";
  }
  return out;
}

inline Answer ask(const std::string& pattern, const std::string& body) {
  FilterCriteria criteria;
  if (!criteria.add(pattern)) return Answer::kRefused;
  const functions::Event event = event_of(body);
  return criteria.matches(event, event.records[0]) ? Answer::kMatch : Answer::kNoMatch;
}

inline constexpr Answer kMatch = Answer::kMatch;
inline constexpr Answer kNoMatch = Answer::kNoMatch;
inline constexpr Answer kRefused = Answer::kRefused;

// What a pattern says of the key "x" of a JSON body, and that body.
struct BodyCase {
  std::string x;
  std::string body;
  Answer answer;
};

inline void expect_all(const std::vector<BodyCase>& cases) {
  for (const BodyCase& one : cases) {
    EXPECT_EQ(ask(R"({"body":{"x":)" + one.x + "}}", one.body), one.answer)
        << one.x << " on " << one.body;
  }
}

// The same with whole patterns below "body".
inline void expect_all_of_body(const std::vector<BodyCase>& cases) {
  for (const BodyCase& one : cases) {
    EXPECT_EQ(ask(R"({"body":)" + one.x + "}", one.body), one.answer)
        << one.x << " on " << one.body;
  }
}

}  // namespace headrace::runtime
