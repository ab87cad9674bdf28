#include "runtime/filter_leaf.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <nlohmann/json.hpp>

#include "base/http.hpp"

namespace headrace::runtime {

namespace {

using FilterJson = nlohmann::json;
using TextTest = FilterLeaf::TextTest;
using Case = FilterLeaf::Case;

constexpr std::array<std::string_view, 8> kOperators = {
    "anything-but", "cidr",    "equals-ignore-case", "exists", "numeric", "prefix",
    "suffix",       "wildcard"};
// Further words that EventBridge keeps for itself inside $or.
constexpr std::array<std::string_view, 6> kReserved = {"exactly", "=", "<", "<=", ">", ">="};

// Of a text that a wildcard looks through.
constexpr std::size_t kTextBytesPerStep = 16;

bool equal(std::string_view a, std::string_view b, Case letters) {
  return letters == Case::kExact ? a == b : equals_ignoring_case(a, b);
}

// memmem, because it is linear also for the worst of texts.
std::size_t find(std::string_view text, std::string_view piece) {
  const void* const found = memmem(text.data(), text.size(), piece.data(), piece.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Between the first and the last piece, the leftmost place of each is as good as any other.
bool matches_wildcard(const std::vector<std::string>& pieces, std::string_view text) {
  const std::string& first = pieces.front();
  const std::string& last = pieces.back();
  if (pieces.size() == 1) return text == first;
  if (text.size() < first.size() + last.size()) return false;
  if (!text.starts_with(first) || !text.ends_with(last)) return false;
  text.remove_prefix(first.size());
  text.remove_suffix(last.size());
  for (std::size_t i = 1; i + 1 < pieces.size(); ++i) {
    const std::size_t at = find(text, pieces[i]);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + pieces[i].size());
  }
  return true;
}

std::optional<TextTest> compile_wildcard(const std::string& pattern) {
  TextTest test{TextTest::Kind::kWildcard, Case::kExact, {""}};
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*') {
      const bool repeated = test.pieces.size() > 1 && test.pieces.back().empty();
      if (repeated) return std::nullopt;
      test.pieces.emplace_back();
      continue;
    }
    if (pattern[i] == '\\') {
      i += 1;
      const bool escapes = i < pattern.size() && (pattern[i] == '*' || pattern[i] == '\\');
      if (!escapes) return std::nullopt;
    }
    test.pieces.back() += pattern[i];
  }
  return test;
}

// The operators that look at texts. `letters` other than exact stands inside prefix or suffix.
std::optional<TextTest> compile_text(const std::string& name, const FilterJson& operand) {
  const bool affix = name == "prefix" || name == "suffix";
  const TextTest::Kind kind = name == "prefix" ? TextTest::Kind::kPrefix : TextTest::Kind::kSuffix;
  if (affix && operand.is_object()) {
    const auto inner = operand.find("equals-ignore-case");
    if (operand.size() != 1 || inner == operand.end() || !inner->is_string()) return std::nullopt;
    return TextTest{kind, Case::kIgnored, {inner->get<std::string>()}};
  }
  if (!operand.is_string()) return std::nullopt;
  const std::string text = operand.get<std::string>();
  if (name == "wildcard") return compile_wildcard(text);
  if (affix) return TextTest{kind, Case::kExact, {text}};
  if (name != "equals-ignore-case") return std::nullopt;
  return TextTest{TextTest::Kind::kEquals, Case::kIgnored, {text}};
}

// ["=", 5], [">", 0], ["<=", 5] or [">", 0, "<=", 5].
std::optional<FilterLeaf::NumericRange> compile_numeric(const FilterJson& operand) {
  if (!operand.is_array() || (operand.size() != 2 && operand.size() != 4)) return std::nullopt;
  FilterLeaf::NumericRange range;
  for (std::size_t i = 0; i < operand.size(); i += 2) {
    if (!operand[i].is_string() || !operand[i + 1].is_number()) return std::nullopt;
    const std::string comparison = operand[i].get<std::string>();
    const double number = operand[i + 1].get<double>();
    const bool closed = comparison.ends_with('=');
    if (comparison == "=" && operand.size() == 2) {
      return FilterLeaf::NumericRange{number, number, true, true};
    }
    if ((comparison == ">" || comparison == ">=") && i == 0) {
      range.above = number;
      range.with_above = closed;
    } else if ((comparison == "<" || comparison == "<=") && i + 2 == operand.size()) {
      range.below = number;
      range.with_below = closed;
    } else {
      return std::nullopt;
    }
  }
  if (range.above && range.below && *range.above >= *range.below) return std::nullopt;
  return range;
}

// "10.0.0.0/24", "2001:db8::/32".
std::optional<FilterLeaf::AddressRange> compile_cidr(const FilterJson& operand) {
  if (!operand.is_string()) return std::nullopt;
  const std::string text = operand.get<std::string>();
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::string_view bits = std::string_view(text).substr(slash + 1);
  const bool digits = !bits.empty() && bits.size() <= 3 &&
                      bits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return std::nullopt;
  FilterLeaf::AddressRange range;
  range.prefix_bits = static_cast<unsigned>(std::stoul(std::string(bits)));
  range.family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
  const std::string address = text.substr(0, slash);
  if (inet_pton(range.family, address.c_str(), range.network.data()) != 1) return std::nullopt;
  if (range.prefix_bits > (range.family == AF_INET ? 32U : 128U)) return std::nullopt;
  return range;
}

// {"anything-but": {"prefix": ...}}: one text or a list of them.
bool add_excluded_texts(const FilterJson& operand, FilterLeaf::AnythingBut& excluded) {
  if (operand.size() != 1) return false;
  const std::string& name = operand.begin().key();
  const FilterJson& given = operand.begin().value();
  const FilterJson texts = given.is_array() ? given : FilterJson::array({given});
  if (texts.empty()) return false;
  for (const FilterJson& text : texts) {
    const bool affix = name == "prefix" || name == "suffix";
    if (!text.is_string() || (affix && text.get<std::string>().empty())) return false;
    const auto test = compile_text(name, text);
    if (!test) return false;
    excluded.texts.push_back(*test);
  }
  return true;
}

std::optional<FilterLeaf::AnythingBut> compile_anything_but(const FilterJson& operand) {
  FilterLeaf::AnythingBut excluded;
  if (operand.is_object()) {
    if (!add_excluded_texts(operand, excluded)) return std::nullopt;
    return excluded;
  }
  const FilterJson literals = operand.is_array() ? operand : FilterJson::array({operand});
  for (const FilterJson& literal : literals) {
    if (literal.is_string()) {
      excluded.literals.texts.push_back(literal.get<std::string>());
    } else if (literal.is_number()) {
      excluded.literals.numbers.push_back(literal.get<double>());
    } else {
      return std::nullopt;
    }
  }
  // All texts or all numbers, and at least one.
  if (excluded.literals.texts.empty() == excluded.literals.numbers.empty()) return std::nullopt;
  excluded.literals.sort();
  return excluded;
}

}  // namespace

bool is_filter_operator(std::string_view name) {
  const auto is_name = [name](std::string_view other) { return other == name; };
  return std::any_of(kOperators.begin(), kOperators.end(), is_name) ||
         std::any_of(kReserved.begin(), kReserved.end(), is_name);
}

void FilterLeaf::Literals::sort() {
  std::sort(texts.begin(), texts.end());
  std::sort(numbers.begin(), numbers.end());
}

bool FilterLeaf::Literals::contain(const FilterScalar& scalar) const {
  if (scalar.type == JsonType::kString) {
    return std::binary_search(texts.begin(), texts.end(), scalar.text, std::less<>());
  }
  if (scalar.type != JsonType::kNumber) return false;
  return std::binary_search(numbers.begin(), numbers.end(), scalar.number);
}

bool FilterLeaf::TextTest::holds(std::string_view text) const {
  const std::string_view wanted = pieces.front();
  switch (kind) {
    case Kind::kEquals: return equal(text, wanted, letters);
    case Kind::kPrefix: return equal(text.substr(0, wanted.size()), wanted, letters);
    case Kind::kSuffix:
      return text.size() >= wanted.size() &&
             equal(text.substr(text.size() - wanted.size()), wanted, letters);
    case Kind::kWildcard: return matches_wildcard(pieces, text);
  }
  return false;
}

std::size_t FilterLeaf::TextTest::effort(std::string_view text) const {
  return kind == Kind::kWildcard ? 1 + text.size() / kTextBytesPerStep : 1;
}

bool FilterLeaf::NumericRange::holds(double number) const {
  const bool low = !above || number > *above || (with_above && number == *above);
  const bool high = !below || number < *below || (with_below && number == *below);
  return low && high;
}

bool FilterLeaf::AddressRange::holds(std::string_view address) const {
  if (address.size() > INET6_ADDRSTRLEN || address.find('\0') != address.npos) return false;
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(family, std::string(address).c_str(), bytes.data()) != 1) return false;
  const std::size_t whole = prefix_bits / 8;
  if (std::memcmp(bytes.data(), network.data(), whole) != 0) return false;
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xffU << (8 - rest) & 0xffU;
  return ((bytes[whole] ^ network[whole]) & mask) == 0;
}

bool FilterLeaf::AnythingBut::holds(const FilterScalar& scalar) const {
  if (literals.contain(scalar)) return false;
  if (scalar.type != JsonType::kString) return true;
  return std::none_of(texts.begin(), texts.end(),
                      [&scalar](const TextTest& test) { return test.holds(scalar.text); });
}

std::optional<FilterLeaf> FilterLeaf::compile(const nlohmann::json& values) {
  if (!values.is_array() || values.empty()) return std::nullopt;
  FilterLeaf leaf;
  for (const FilterJson& value : values) {
    if (!leaf.add(value)) return std::nullopt;
  }
  leaf.literals_.sort();
  return leaf;
}

bool FilterLeaf::add(const nlohmann::json& value) {
  if (value.is_object()) {
    return value.size() == 1 && add_operator(value.begin().key(), value.begin().value());
  }
  if (value.is_array()) return false;
  if (value.is_null()) null_ = true;
  if (value.is_boolean()) (value.get<bool>() ? true_ : false_) = true;
  if (value.is_string()) literals_.texts.push_back(value.get<std::string>());
  if (value.is_number()) literals_.numbers.push_back(value.get<double>());
  return true;
}

bool FilterLeaf::add_operator(const std::string& name, const nlohmann::json& operand) {
  if (name == "exists") return add_exists(operand);
  if (name == "numeric") {
    const auto range = compile_numeric(operand);
    if (range) ranges_.push_back(*range);
    return range.has_value();
  }
  if (name == "cidr") {
    const auto range = compile_cidr(operand);
    if (range) addresses_.push_back(*range);
    return range.has_value();
  }
  if (name == "anything-but") {
    const auto excluded = compile_anything_but(operand);
    if (excluded) anything_but_.push_back(*excluded);
    return excluded.has_value();
  }
  const auto test = compile_text(name, operand);
  if (test) texts_.push_back(*test);
  return test.has_value();
}

bool FilterLeaf::add_exists(const nlohmann::json& operand) {
  if (!operand.is_boolean()) return false;
  (operand.get<bool>() ? present_ : absent_) = true;
  return true;
}

std::size_t FilterLeaf::effort(const FilterScalar& scalar) const {
  std::size_t effort = 1 + ranges_.size() + addresses_.size();
  for (const TextTest& test : texts_) effort += test.effort(scalar.text);
  for (const AnythingBut& excluded : anything_but_) {
    effort += 1;
    for (const TextTest& test : excluded.texts) effort += test.effort(scalar.text);
  }
  return effort;
}

bool FilterLeaf::accepts(const FilterScalar& scalar) const {
  if (present_ || literals_.contain(scalar)) return true;
  const auto accepts_any = [](const auto& tests, const auto& value) {
    return std::any_of(tests.begin(), tests.end(),
                       [&value](const auto& test) { return test.holds(value); });
  };
  if (accepts_any(anything_but_, scalar)) return true;
  switch (scalar.type) {
    case JsonType::kNull: return null_;
    case JsonType::kBoolean: return scalar.boolean ? true_ : false_;
    case JsonType::kNumber: return accepts_any(ranges_, scalar.number);
    case JsonType::kString:
      return accepts_any(texts_, scalar.text) || accepts_any(addresses_, scalar.text);
    case JsonType::kArray:
    case JsonType::kObject: return false;
  }
  return false;
}

}  // namespace headrace::runtime
