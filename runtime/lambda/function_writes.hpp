// FunctionWrites: the operations that make functions, change and remove them (spec 6).
//
// Owned by the service. Loop thread only; archives are read in the pool.
#pragma once

#include "base/offload.hpp"
#include "runtime/lambda/catalog.hpp"
#include "runtime/lambda/function_store.hpp"
#include "runtime/lambda/routes.hpp"

namespace headrace::runtime::lambda {

class FunctionWrites {
 public:
  // All of it outlives the FunctionWrites.
  struct Services {
    const Catalog& catalog;
    FunctionStore& store;
    Offload& pool;
    bool allowed;  // if not, each operation is refused
  };

  explicit FunctionWrites(const Services& services) : services_(services) {}

  void add_routes(Routes& routes);

 private:
  Answer create(Call call);
  Answer update_code(Call call);
  Answer update_configuration(Call call);
  Answer remove(Call call);

  Services services_;
};

}  // namespace headrace::runtime::lambda
