// Catalog: the functions as the Lambda API names and describes them.
//
// All functions belong to the server's own region and account; callers of others find none there.
// Owned by the service. Loop thread only.
#pragma once

#include <vector>

#include "functions/function.hpp"
#include "runtime/function_pages.hpp"
#include "runtime/lambda/function_record.hpp"
#include "runtime/lambda/function_store.hpp"
#include "runtime/lambda/routes.hpp"
#include "runtime/version_control.hpp"

namespace headrace::runtime::lambda {

// A function that a caller has named.
struct Named {
  FunctionName name;
  functions::Function* function = nullptr;
};

// Who has proven who he is reaches what is his own account's only.
bool may_reach(const Call& call, const Scope& scope);

class Catalog {
 public:
  // All of it outlives the catalog.
  struct Sources {
    const FunctionTable& functions;
    const VersionControl& versions;
    const FunctionStore& store;
  };

  // `since` is when the configuration was read.
  Catalog(const Sources& sources, Scope home, TimePoint since)
      : sources_(sources), home_(std::move(home)), since_(since) {}

  const Scope& home() const { return home_; }

  // The function that the first segment of the path names, with the query's Qualifier.
  Result<Named> find(const Call& call) const;
  Result<Named> find(const FunctionName& name) const;

  FunctionRecord describe(const functions::Function& function) const;

  // All functions of that scope, by name.
  std::vector<FunctionRecord> list(const Scope& scope) const;

 private:
  Sources sources_;
  const Scope home_;
  const TimePoint since_;
};

}  // namespace headrace::runtime::lambda
