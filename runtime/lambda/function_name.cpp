#include "runtime/lambda/function_name.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "queue/sqs/caller.hpp"

namespace headrace::runtime::lambda {

namespace {

// Limits and pattern of the service's model.
constexpr std::size_t kNameFormLengthMax = 140;
constexpr std::size_t kQualifierLengthMax = 128;
constexpr std::string_view kNamePattern =
    R"re((arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?)re"
    R"re((\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)re";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_qualifier(std::string_view text) {
  return text.size() <= kQualifierLengthMax && (text == kLatest || is_name(text));
}

std::vector<std::string_view> split_at_colons(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t colon = text.find(':');
    parts.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return parts;
    text.remove_prefix(colon + 1);
  }
}

// What is left of `parts`, the first of them last.
class PartReader {
 public:
  explicit PartReader(std::string_view text) : parts_(split_at_colons(text)) {
    std::reverse(parts_.begin(), parts_.end());
  }

  bool empty() const { return parts_.empty(); }
  bool is_next(std::string_view text) const { return parts_.size() > 1 && parts_.back() == text; }
  bool is_account_next() const {
    return parts_.size() > 1 && queue::sqs::is_account(parts_.back());
  }
  std::string_view take() {
    if (parts_.empty()) return {};
    const std::string_view part = parts_.back();
    parts_.pop_back();
    return part;
  }

 private:
  std::vector<std::string_view> parts_;
};

// "arn:aws:lambda:REGION:ACCOUNT:function:". False when it is not that.
bool take_arn(PartReader& parts, Scope& scope) {
  parts.take();
  const bool is_lambda = parts.take().starts_with("aws") && parts.take() == "lambda";
  scope.region = parts.take();
  scope.account = parts.take();
  return is_lambda && queue::sqs::is_region(scope.region) && queue::sqs::is_account(scope.account);
}

std::optional<FunctionName> read_name(std::string_view text, const Scope& caller) {
  FunctionName name;
  name.scope = caller;
  PartReader parts(text);
  if (parts.is_next("arn")) {
    if (!take_arn(parts, name.scope) || !parts.is_next("function")) return std::nullopt;
  } else if (parts.is_account_next()) {
    name.scope.account = parts.take();
  }
  if (parts.is_next("function")) parts.take();
  name.name = parts.take();
  const bool qualified = !parts.empty();
  name.qualifier = parts.take();
  const bool whole = parts.empty() && is_name(name.name);
  if (!whole || (qualified && !is_qualifier(name.qualifier))) return std::nullopt;
  return name;
}

}  // namespace

std::string FunctionName::unqualified_arn() const {
  return "arn:aws:lambda:" + scope.region + ":" + scope.account + ":function:" + name;
}

std::string FunctionName::arn() const {
  return qualifier.empty() ? unqualified_arn() : unqualified_arn() + ":" + qualifier;
}

Result<FunctionName> parse_function_name(std::string_view text, const Scope& caller) {
  if (text.size() > kNameFormLengthMax) {
    return validation_error(text, "functionName", "have length less than or equal to 140");
  }
  std::optional<FunctionName> name = read_name(text, caller);
  if (!name) {
    return validation_error(text, "functionName",
                            "satisfy regular expression pattern: " + std::string(kNamePattern));
  }
  if (name->scope.region != caller.region) {
    return Error{ErrorCode::kResourceNotFound, "Functions from '" + name->scope.region +
                                                   "' are not reachable in this region ('" +
                                                   caller.region + "')"};
  }
  return std::move(*name);
}

Status add_qualifier(FunctionName& name, std::string_view qualifier) {
  if (qualifier.empty()) return {};
  if (!is_qualifier(qualifier)) {
    return validation_error(qualifier, "qualifier",
                            "satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)");
  }
  if (!name.qualifier.empty() && name.qualifier != qualifier) {
    return invalid_parameter(
        "The derived qualifier from the function name does not match the specified qualifier.");
  }
  name.qualifier = qualifier;
  return {};
}

Error function_not_found(const FunctionName& name) {
  return {ErrorCode::kResourceNotFound, "Function not found: " + name.arn()};
}

}  // namespace headrace::runtime::lambda
