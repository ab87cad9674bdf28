// FunctionReads: the operations that tell of functions and change nothing, also those of settings
// that no function here can have, which infrastructure tools ask for (spec 6).
//
// Owned by the handler. Loop thread only.
#pragma once

#include "runtime/lambda/catalog.hpp"
#include "runtime/lambda/routes.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kFunctionsPerPageMax = 50;

class FunctionReads {
 public:
  // The catalog outlives it.
  explicit FunctionReads(const Catalog& catalog) : catalog_(catalog) {}

  void add_routes(Routes& routes);

 private:
  using Read = Result<std::string> (FunctionReads::*)(const Call& call) const;

  void add(Routes& routes, std::string_view pattern, Read read);

  Result<std::string> get_function(const Call& call) const;
  Result<std::string> get_configuration(const Call& call) const;
  Result<std::string> list_functions(const Call& call) const;
  Result<std::string> list_versions(const Call& call) const;
  Result<std::string> account_settings(const Call& call) const;
  Result<std::string> code_signing(const Call& call) const;
  Result<std::string> runtime_management(const Call& call) const;
  Result<std::string> recursion(const Call& call) const;
  Result<std::string> concurrency(const Call& call) const;
  Result<std::string> provisioned_concurrency(const Call& call) const;
  Result<std::string> event_invoke_config(const Call& call) const;
  Result<std::string> list_aliases(const Call& call) const;
  Result<std::string> list_urls(const Call& call) const;
  Result<std::string> list_tags(const Call& call) const;
  Result<std::string> none_there(const Call& call) const;

  const Catalog& catalog_;
};

}  // namespace headrace::runtime::lambda
