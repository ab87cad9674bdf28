#include "runtime/lambda/catalog.hpp"

#include <utility>

namespace headrace::runtime::lambda {

bool may_reach(const Call& call, const Scope& scope) {
  return !call.request.identity || scope.account == call.caller.account;
}

Result<Named> Catalog::find(const Call& call) const {
  Result<FunctionName> name = parse_function_name(call.path.front(), call.caller);
  if (!name) return name.error();
  const Status qualified = add_qualifier(*name, call.parameter("Qualifier"));
  if (!qualified) return qualified.error();
  if (!may_reach(call, name->scope)) return function_not_found(*name);
  return find(*name);
}

Result<Named> Catalog::find(const FunctionName& name) const {
  const auto found = sources_.functions.find(name.name);
  const bool known_version = name.qualifier.empty() || name.qualifier == kLatest;
  if (name.scope != home_ || found == sources_.functions.end() || !known_version) {
    return function_not_found(name);
  }
  return Named{name, found->second.get()};
}

FunctionRecord Catalog::describe(const functions::Function& function) const {
  const std::string& name = function.config().name;
  if (const FunctionRecord* made = sources_.store.find(name)) return *made;
  const VersionHistory* history = sources_.versions.history(name);
  return describe_configured(function, history, home_, since_);
}

std::vector<FunctionRecord> Catalog::list(const Scope& scope) const {
  std::vector<FunctionRecord> all;
  if (scope != home_) return all;
  for (const auto& [name, function] : sources_.functions) all.push_back(describe(*function));
  return all;
}

}  // namespace headrace::runtime::lambda
