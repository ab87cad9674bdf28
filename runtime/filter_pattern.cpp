#include "runtime/filter_pattern.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "functions/records_event.hpp"

namespace headrace::runtime {

namespace {

using PatternJson = nlohmann::json;

// Lambda: CreateEventSourceMapping.
constexpr const char* kInvalidPattern = "Invalid filter pattern definition.";

// What looking at an object costs beside its members, in steps.
constexpr std::size_t kStepsPerObject = 8;

bool is_before(const FilterNode::Child& child, std::string_view name) { return child.name < name; }

FilterNode& child_of(FilterNode& node, std::string_view name) {
  const auto place = std::lower_bound(node.children.begin(), node.children.end(), name, is_before);
  if (place != node.children.end() && place->name == name) return place->node;
  return node.children.insert(place, FilterNode::Child{std::string(name), {}})->node;
}

// EventBridge: $or with fewer alternatives, or with operators in them, is a key like any other.
bool is_or(const std::string& key, const PatternJson& value) {
  if (key != "$or" || !value.is_array() || value.size() < 2) return false;
  return std::all_of(value.begin(), value.end(), [](const PatternJson& alternative) {
    if (!alternative.is_object()) return false;
    for (const auto& member : alternative.items()) {
      if (is_filter_operator(member.key())) return false;
    }
    return true;
  });
}

bool compile_object(const PatternJson& object, std::size_t depth, FilterNode& node);

bool compile_or(const PatternJson& alternatives, std::size_t depth, FilterNode& node) {
  std::vector<FilterNode>& compiled = node.alternatives.emplace_back();
  for (const PatternJson& alternative : alternatives) {
    if (!compile_object(alternative, depth, compiled.emplace_back())) return false;
  }
  return true;
}

bool compile_member(std::string_view key, const PatternJson& value, std::size_t depth,
                    FilterNode& node) {
  if (depth > kFilterDepthMax) return false;
  if (const std::size_t dot = key.find('.'); dot != key.npos) {
    FilterNode& outer = child_of(node, key.substr(0, dot));
    return compile_member(key.substr(dot + 1), value, depth + 1, outer);
  }
  FilterNode& child = child_of(node, key);
  if (value.is_object()) return compile_object(value, depth + 1, child);
  child.leaf = FilterLeaf::compile(value);
  return child.leaf.has_value();
}

bool compile_object(const PatternJson& object, std::size_t depth, FilterNode& node) {
  if (depth > kFilterDepthMax || object.empty()) return false;
  for (const auto& member : object.items()) {
    const bool valid = is_or(member.key(), member.value())
                           ? compile_or(member.value(), depth + 1, node)
                           : compile_member(member.key(), member.value(), depth, node);
    if (!valid) return false;
  }
  return true;
}

// How well a part of a pattern fits. By absence only: nothing is there that it speaks of, and it
// asks for that ("exists": false). In order.
enum class Fit { kNo, kByAbsence, kYes };

// An object of a record, or those members of it whose keys begin with a prefix such as "a.": to
// EventBridge {"a.b": 1} is {"a": {"b": 1}}.
struct FilterPlace {
  JsonValue object;
  std::string prefix;
};
using FilterPlaces = std::vector<FilterPlace>;

// What there is at one key: its values, and members spelled with a dot behind it.
struct FilterFound {
  std::vector<JsonValue> values;
  FilterPlaces prefixed;
  const FilterPlace* prefixed_from = nullptr;  // where the last of them was found
};

enum class BodyForm {
  kPlain,
  kJson,        // an object or array; a key that it repeats has all of its values
  kUnreadable,  // looks like one, but is beyond our reader: large numbers, lone surrogates, depth
};

// A record as the matching sees it: parts are built when a pattern speaks of them, and once.
class FilteredRecord {
 public:
  FilteredRecord(const functions::Event& event, const functions::Record& record)
      : event_(event), record_(record) {}

  BodyForm body_form() {
    if (!body_form_) body_form_ = parse_body();
    return *body_form_;
  }
  JsonValue json_body() const { return body_->root(); }
  const std::string& text_body() const { return record_.body; }

  // Everything but the body, as in the event that a function gets. Nothing when it is beyond our
  // reader.
  std::optional<FilterPlace> metadata() {
    if (!metadata_) {
      functions::Event alone;
      alone.source_arn = event_.source_arn;
      alone.region = event_.region;
      alone.records.push_back(record_);
      alone.records.front().body.clear();
      keep(JsonDocument::parse(functions::render_records_event(alone)), metadata_);
    }
    if (!metadata_) return std::nullopt;
    return FilterPlace{metadata_->root().find("Records")->elements().front(), ""};
  }

 private:
  BodyForm parse_body() {
    constexpr const char* kBlanks = " \t\r\n";
    const std::string& body = record_.body;
    const std::size_t first = body.find_first_not_of(kBlanks);
    if (first == std::string::npos) return BodyForm::kPlain;
    const char end = body[body.find_last_not_of(kBlanks)];
    const bool closed = (body[first] == '{' && end == '}') || (body[first] == '[' && end == ']');
    if (!closed) return BodyForm::kPlain;
    keep(JsonDocument::parse(body, DuplicateKeys::kKept), body_);
    return body_ ? BodyForm::kJson : BodyForm::kUnreadable;
  }

  static void keep(Result<JsonDocument> parsed, std::optional<JsonDocument>& document) {
    if (parsed) document.emplace(std::move(*parsed));
  }

  const functions::Event& event_;
  const functions::Record& record_;
  std::optional<BodyForm> body_form_;
  std::optional<JsonDocument> body_;
  std::optional<JsonDocument> metadata_;
};

FilterScalar scalar_of(const JsonValue& value) {
  FilterScalar scalar;
  scalar.type = value.type();
  scalar.text = value.as_string().value_or("");
  scalar.number = value.as_number().value_or(0);
  scalar.boolean = value.as_boolean().value_or(false);
  return scalar;
}

// All that is at one key, arrays opened.
struct FilterSpread {
  bool any_scalar = false;
  bool accepted = false;   // the leaf accepts one of the scalars
  FilterPlaces outside;    // objects that are in no array: their members count as those of one
  FilterPlaces in_arrays;  // objects that stand each on its own
};

Fit fit_leaf(const FilterLeaf& leaf, const FilterSpread& there) {
  if (there.accepted) return Fit::kYes;
  return leaf.accepts_absence() && !there.any_scalar ? Fit::kByAbsence : Fit::kNo;
}

// Patterns at work on one record. Once the steps are used up everything fits: what does not fit is
// deleted, and nothing is deleted that was not looked at.
class FilterMatching {
 public:
  explicit FilterMatching(FilteredRecord& record) : record_(record) {}

  bool matches(const FilterNode& pattern) { return fit_record(pattern) != Fit::kNo; }

 private:
  // False when they are used up.
  bool spend(std::size_t steps) {
    steps_left_ -= std::min(steps, steps_left_);
    return steps_left_ > 0;
  }

  // What there is for each child, by its index. One pass over the members.
  std::vector<FilterFound> look_up(const std::vector<FilterNode::Child>& children,
                                   const FilterPlaces& places) {
    std::vector<FilterFound> found(children.size());
    for (const FilterPlace& place : places) {
      const auto members = place.object.members();
      if (!spend(kStepsPerObject + members.size())) break;
      for (const auto& [key, value] : members) {
        if (key.starts_with(place.prefix)) sort_in(place, key, value, children, found);
      }
    }
    return found;
  }

  static void sort_in(const FilterPlace& place, std::string_view key, const JsonValue& value,
                      const std::vector<FilterNode::Child>& children,
                      std::vector<FilterFound>& found) {
    const std::string_view rest = key.substr(place.prefix.size());
    const std::string_view name = rest.substr(0, rest.find('.'));
    const auto child = std::lower_bound(children.begin(), children.end(), name, is_before);
    if (child == children.end() || child->name != name) return;
    FilterFound& there = found[static_cast<std::size_t>(child - children.begin())];
    if (rest.size() == name.size()) {
      there.values.push_back(value);
      return;
    }
    std::string prefix = place.prefix + std::string(name) + ".";
    const bool known = there.prefixed_from == &place && there.prefixed.back().prefix == prefix;
    if (!known) there.prefixed.push_back({place.object, std::move(prefix)});
    there.prefixed_from = &place;
  }

  void spread(const JsonValue& value, const FilterNode& node, FilterPlaces& objects,
              FilterSpread& out) {
    if (value.is_object()) {
      objects.push_back({value, ""});
    } else if (value.is_array()) {
      const std::vector<JsonValue> elements = value.elements();
      if (!spend(elements.size())) {
        out.accepted = true;
        return;
      }
      for (const JsonValue& element : elements) spread(element, node, out.in_arrays, out);
    } else {
      out.any_scalar = true;
      if (out.accepted || !node.leaf) return;
      const FilterScalar scalar = scalar_of(value);
      out.accepted = !spend(node.leaf->effort(scalar)) || node.leaf->accepts(scalar);
    }
  }

  // The top level, where `body` has rules of its own.
  Fit fit_record(const FilterNode& node) {
    FilterPlaces places;
    const bool asks_metadata =
        std::any_of(node.children.begin(), node.children.end(),
                    [](const FilterNode::Child& child) { return child.name != "body"; });
    if (asks_metadata) {
      const std::optional<FilterPlace> metadata = record_.metadata();
      if (!metadata) return Fit::kYes;
      places.push_back(*metadata);
    }
    return fit_members(node, places, Level::kRecord);
  }

  enum class Level { kRecord, kInside };

  Fit fit_members(const FilterNode& node, const FilterPlaces& places, Level level) {
    const std::vector<FilterFound> found = look_up(node.children, places);
    if (steps_left_ == 0) return Fit::kYes;
    Fit fit = Fit::kByAbsence;
    for (std::size_t i = 0; i < found.size() && fit != Fit::kNo; ++i) {
      const FilterNode::Child& child = node.children[i];
      const bool body = level == Level::kRecord && child.name == "body";
      fit = both(fit, body ? fit_body(child.node) : fit_found(child.node, found[i]));
    }
    for (const std::vector<FilterNode>& alternatives : node.alternatives) {
      if (fit == Fit::kNo) return fit;
      Fit best = Fit::kNo;
      for (const FilterNode& alternative : alternatives) {
        if (best == Fit::kYes) break;
        const Fit one = level == Level::kRecord ? fit_record(alternative)
                                                : fit_members(alternative, places, level);
        best = std::max(best, one);
      }
      fit = both(fit, best);
    }
    return fit;
  }

  static Fit both(Fit a, Fit b) {
    if (a == Fit::kNo || b == Fit::kNo) return Fit::kNo;
    return std::max(a, b);
  }

  // Lambda: a body that is JSON and a pattern for plain text never match, nor the other way round.
  // What cannot be read is not taken for what it is not.
  Fit fit_body(const FilterNode& node) {
    const BodyForm form = record_.body_form();
    if (form == BodyForm::kUnreadable && !node.leaf) return Fit::kYes;
    if ((form == BodyForm::kJson) == node.leaf.has_value()) return Fit::kNo;
    if (form == BodyForm::kJson) return fit_found(node, FilterFound{{record_.json_body()}, {}});
    const bool asks_members = !node.children.empty() || !node.alternatives.empty();
    FilterScalar text;
    text.type = JsonType::kString;
    text.text = record_.text_body();
    return !asks_members && node.leaf->accepts(text) ? Fit::kYes : Fit::kNo;
  }

  Fit fit_found(const FilterNode& node, const FilterFound& found) {
    FilterSpread there;
    there.outside = found.prefixed;
    for (const JsonValue& value : found.values) spread(value, node, there.outside, there);
    Fit fit = Fit::kByAbsence;
    if (node.leaf) fit = fit_leaf(*node.leaf, there);
    const bool asks_members = !node.children.empty() || !node.alternatives.empty();
    if (!asks_members || fit == Fit::kNo) return fit;
    return both(fit, fit_objects(node, there));
  }

  // One object has to hold all of it, or none has anything of it.
  Fit fit_objects(const FilterNode& node, const FilterSpread& there) {
    Fit worst = Fit::kByAbsence;
    if (!there.outside.empty() || there.in_arrays.empty()) {
      worst = fit_members(node, there.outside, Level::kInside);
      if (worst == Fit::kYes) return worst;
    }
    FilterPlaces alone;
    for (const FilterPlace& object : there.in_arrays) {
      alone.assign(1, object);
      const Fit fit = fit_members(node, alone, Level::kInside);
      if (fit == Fit::kYes) return fit;
      worst = std::min(worst, fit);
    }
    return worst;
  }

  FilteredRecord& record_;
  std::size_t steps_left_ = kFilterStepsMax;
};

}  // namespace

Status FilterCriteria::add(std::string_view pattern) {
  if (pattern.size() > kFilterPatternLengthMax) {
    return Error{ErrorCode::kInvalid, kInvalidPattern};
  }
  const PatternJson json = PatternJson::parse(pattern, nullptr, false);
  FilterNode node;
  if (!json.is_object() || !compile_object(json, 1, node)) {
    return Error{ErrorCode::kInvalid, kInvalidPattern};
  }
  patterns_.push_back(std::move(node));
  return Status();
}

bool FilterCriteria::matches(const functions::Event& event, const functions::Record& record) const {
  if (patterns_.empty()) return true;
  FilteredRecord filtered(event, record);
  FilterMatching matching(filtered);
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&matching](const FilterNode& pattern) { return matching.matches(pattern); });
}

std::vector<bool> FilterCriteria::passing(const functions::Event& event) const {
  std::vector<bool> passing;
  for (const functions::Record& record : event.records) passing.push_back(matches(event, record));
  return passing;
}

}  // namespace headrace::runtime
