// FilterCriteria of an event source mapping: which messages a function is to see. Pure.
//
// A pattern is EventBridge's JSON (spec/event-source-mapping 5): keys are held by all, values of an
// array by any, $or by one of its alternatives; "a.b" is b inside a. Objects in an array match when
// one of them holds all that the pattern says there. $or is tried in place, never multiplied out,
// and the steps that a record may take are counted: one that would take more is delivered.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "functions/event.hpp"
#include "runtime/filter_leaf.hpp"

namespace headrace::runtime {

inline constexpr std::size_t kFilterPatternLengthMax = 4096;
inline constexpr std::size_t kFilterDepthMax = 64;  // keys inside keys, $or included
// Steps of a record: members and values looked at, texts compared. A fraction of a second.
inline constexpr std::size_t kFilterStepsMax = 2'000'000;
inline constexpr std::size_t kFiltersMax = 10;  // AWS: 5, up to 10 on request

// One level of a pattern: what it says of a value, and of the members of an object.
struct FilterNode {
  struct Child;

  std::optional<FilterLeaf> leaf;
  std::vector<Child> children;                        // by name
  std::vector<std::vector<FilterNode>> alternatives;  // of each $or, one must hold
};

struct FilterNode::Child {
  std::string name;
  FilterNode node;
};

class FilterCriteria {
 public:
  // Adds a pattern: a message passes when one of them matches, or when there are none. The error is
  // Lambda's text for every pattern that it refuses.
  Status add(std::string_view pattern);

  bool empty() const { return patterns_.empty(); }
  bool matches(const functions::Event& event, const functions::Record& record) const;
  // By record of the event.
  std::vector<bool> passing(const functions::Event& event) const;

 private:
  std::vector<FilterNode> patterns_;
};

}  // namespace headrace::runtime
