// The snapshot loader: any bytes are refused or become items that encode and decode alike.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.hpp"
#include "queue/snapshot.hpp"

namespace headrace {
namespace {

// One item into a payload of its own.
struct Again {
  queue::SnapshotEncoder& out;
  void operator()(const queue::QueueImage& queue) { out.add(queue); }
  void operator()(const queue::QueuedMessage& message) {
    queue::MessageImage image = message.image;
    // Sequences begin at 1: the check of the items' order refuses what wraps around.
    if (image.entry.sequence == queue::Sequence()) image.entry.sequence = queue::Sequence(1);
    out.add(message.queue, image);
  }
  void operator()(const queue::RememberedSend& send) { out.add(send.queue, send.sent); }
  void operator()(const queue::RememberedReceive& receive) {
    out.add(receive.queue, receive.attempt_id, receive.attempt);
  }
  void operator()(const queue::DeletedQueueImage& queue) { out.add(queue); }
  void operator()(const queue::DocumentImage& document) { out.add(document); }
  void operator()(const queue::SnapshotEnd& end) { out.add_end(end.last_queue, end.time); }
};

void check_items(std::string_view payload) {
  std::size_t items = 0;
  const bool whole = queue::decode_snapshot(payload, [&items](const queue::SnapshotItem& item) {
    ++items;
    queue::SnapshotEncoder one;
    std::visit(Again{one}, item);
    std::size_t again = 0;
    const bool decodes =
        queue::decode_snapshot(one.take_payload(), [&](const queue::SnapshotItem& copy) {
          ++again;
          HR_CHECK(copy.index() == item.index());
        });
    HR_CHECK(decodes);
    HR_CHECK(again == 1);
  });
  HR_CHECK(!whole || items <= payload.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_items(bytes);
  const auto header = queue::decode_snapshot_header(bytes);
  if (header) {
    const std::string_view payload = bytes.substr(queue::kSnapshotHeaderBytes);
    queue::check_snapshot_chunk(bytes.substr(0, queue::kSnapshotHeaderBytes), payload);
    check_items(payload);
  }
  return 0;
}

}  // namespace headrace
