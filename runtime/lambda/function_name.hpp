// The forms in which callers name a function (spec 6.2). Pure.
#pragma once

#include <string>
#include <string_view>

#include "runtime/lambda/error.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kFunctionNameLengthMax = 64;
inline constexpr std::string_view kLatest = "$LATEST";

// Whose functions are meant: one region of one account.
struct Scope {
  std::string region;
  std::string account;

  friend bool operator==(const Scope&, const Scope&) = default;
};

struct FunctionName {
  Scope scope;
  std::string name;
  std::string qualifier;  // a version or an alias; empty when none was given

  std::string unqualified_arn() const;
  std::string arn() const;  // as qualified as it was given
};

// A name, NAME:QUALIFIER, ACCOUNT:function:NAME or a whole ARN, each with a qualifier or without.
// `caller` is where a bare name is looked for.
Result<FunctionName> parse_function_name(std::string_view text, const Scope& caller);

// The qualifier of a request's query, in addition; the two may not contradict each other.
Status add_qualifier(FunctionName& name, std::string_view qualifier);

// "Function not found: arn:..."
Error function_not_found(const FunctionName& name);

}  // namespace headrace::runtime::lambda
