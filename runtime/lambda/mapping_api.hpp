// MappingApi: the operations on event source mappings (spec 6.4).
//
// Owned by the service. Loop thread only.
#pragma once

#include "queue/broker.hpp"
#include "runtime/lambda/catalog.hpp"
#include "runtime/lambda/mappings.hpp"
#include "runtime/lambda/routes.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kMappingsPerPageMax = 100;

class MappingApi {
 public:
  // All of it outlives the MappingApi.
  struct Services {
    const Catalog& catalog;
    queue::Broker& broker;
    Mappings& mappings;
  };

  explicit MappingApi(const Services& services) : services_(services) {}

  void add_routes(Routes& routes);

 private:
  Answer create(Call call);
  Answer get(Call call);
  Answer list(Call call);
  Answer update(Call call);
  Answer remove(Call call);
  boost::asio::awaitable<Status> check(MappingRecord record, const Call& call);
  Result<ShownMapping> find(const Call& call) const;

  Services services_;
};

}  // namespace headrace::runtime::lambda
