// FilterLeaf: the array at one key of a filter pattern, and which values it accepts. Pure.
//
// The operators are EventBridge's, which Lambda uses (spec/event-source-mapping 5.2). What one
// value costs is bounded by the length of the pattern times that of the value, wildcards included.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/json.hpp"

namespace headrace::runtime {

// A JSON value that is neither array nor object. `type` says which of the others counts.
struct FilterScalar {
  JsonType type = JsonType::kNull;
  std::string_view text{};
  double number = 0;
  bool boolean = false;
};

class FilterLeaf {
 public:
  // Empty when EventBridge refuses the array.
  static std::optional<FilterLeaf> compile(const nlohmann::json& values);

  bool accepts(const FilterScalar& scalar) const;
  // About how many comparisons that takes.
  std::size_t effort(const FilterScalar& scalar) const;
  // Whether a record without that key will do.
  bool accepts_absence() const { return absent_; }

  // Texts and numbers compared as they are; numbers as IEEE doubles, as EventBridge does.
  struct Literals {
    std::vector<std::string> texts;  // sorted, as the numbers
    std::vector<double> numbers;

    void sort();
    bool contain(const FilterScalar& scalar) const;
  };

  enum class Case { kExact, kIgnored };  // of ASCII letters

  // A text that begins, continues and ends in a given way. A wildcard has a piece between any two
  // of its stars, and matches without going back.
  struct TextTest {
    enum class Kind { kEquals, kPrefix, kSuffix, kWildcard };
    Kind kind = Kind::kEquals;
    Case letters = Case::kExact;
    std::vector<std::string> pieces;  // one, but for a wildcard

    bool holds(std::string_view text) const;
    std::size_t effort(std::string_view text) const;
  };

  struct NumericRange {
    std::optional<double> above;  // each bound that there is
    std::optional<double> below;
    bool with_above = false;
    bool with_below = false;

    bool holds(double number) const;
  };

  struct AddressRange {
    int family = 0;
    std::array<std::uint8_t, 16> network{};
    unsigned prefix_bits = 0;

    bool holds(std::string_view address) const;
  };

  // Holds for every value that is there and is none of these.
  struct AnythingBut {
    Literals literals;
    std::vector<TextTest> texts;

    bool holds(const FilterScalar& scalar) const;
  };

 private:
  bool add(const nlohmann::json& value);
  bool add_operator(const std::string& name, const nlohmann::json& operand);
  bool add_exists(const nlohmann::json& operand);

  Literals literals_;
  std::vector<TextTest> texts_;
  std::vector<NumericRange> ranges_;
  std::vector<AddressRange> addresses_;
  std::vector<AnythingBut> anything_but_;
  bool null_ = false;
  bool true_ = false;
  bool false_ = false;
  bool present_ = false;
  bool absent_ = false;
};

// Whether a pattern key is the name of an operator, which an alternative of $or may not use.
bool is_filter_operator(std::string_view name);

}  // namespace headrace::runtime
