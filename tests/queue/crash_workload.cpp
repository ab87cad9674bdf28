#include "tests/queue/crash_workload.hpp"

#include <gtest/gtest.h>

namespace headrace::queue {

CrashWorkload::CrashWorkload(FakeFileSystem& disk, std::uint64_t seed, Upkeep upkeep)
    : random_(seed), upkeep_(upkeep), server_(disk, Durability::kSync, kSegmentBytes) {
  EXPECT_TRUE(server_.opened()) << server_.refusal();
  if (upkeep == Upkeep::kOn) server_.keep_journal();
  EXPECT_TRUE(server_.create("dlq").has_value());
  const AttributeMap attributes = {{"VisibilityTimeout", "5"},
                                   {"RedrivePolicy", redrive_policy("dlq", 2)}};
  EXPECT_TRUE(server_.create("q", attributes).has_value());
}

void CrashWorkload::begin_send() {
  SendRequest request{address_of("q"), {}};
  Sending sending;
  for (std::uint64_t i = 0; i <= random_.below(3); ++i) {
    std::string body = "m" + std::to_string(sent_++) + ".";
    body.append(random_.one_in(8) ? 3000 : random_.below(200), 'x');
    request.entries.push_back(SendEntry{content_with(body), std::nullopt});
    sending.bodies.push_back(std::move(body));
  }
  sending.answer = SendAnswer::of(server_.loop, server_.broker->send(std::move(request)));
  sends_.push_back(std::move(sending));
}

void CrashWorkload::begin_receive(const std::string& queue) {
  ReceiveRequest request{address_of(queue), 1 + random_.below(5), UINT64_MAX, std::nullopt, 0};
  receives_.emplace_back(
      queue, ReceiveAnswer::of(server_.loop, server_.broker->receive(std::move(request), never_)));
}

void CrashWorkload::begin_delete() {
  if (held_.empty()) return;
  const Held held = held_[random_.below(held_.size())];
  ledger_.attempted_deletes.insert(held.body);
  deletes_.push_back({StatusesAnswer::of(server_.loop, server_.broker->remove(DeleteRequest{
                                                           address_of(held.queue), {held.handle}})),
                      held.body});
}

void CrashWorkload::begin_change() {
  if (held_.empty()) return;
  const Held& held = held_[random_.below(held_.size())];
  StatusesAnswer::of(
      server_.loop,
      server_.broker->change_visibility(ChangeVisibilityRequest{
          address_of(held.queue), {{held.handle, static_cast<std::int64_t>(random_.below(10))}}}));
}

void CrashWorkload::begin_one() {
  if (upkeep_ == Upkeep::kOn && random_.one_in(2)) return begin_delete();
  switch (random_.below(8)) {
    case 0:
    case 1:
    case 2: return begin_send();
    case 3:
    case 4: return begin_receive("q");
    case 5: return begin_delete();
    case 6: return begin_change();
    default: break;
  }
  if (random_.one_in(2)) return begin_receive("dlq");
  Answer<Result<MoveResult>>::of(server_.loop, server_.broker->move_messages(MoveRequest{
                                                   address_of("dlq"), std::nullopt, 10}));
}

void CrashWorkload::collect() {
  std::erase_if(sends_, [this](const Sending& sending) {
    if (!sending.answer.arrived()) return false;
    EXPECT_TRUE(sending.answer->has_value());
    ledger_.acknowledged_sends.insert(sending.bodies.begin(), sending.bodies.end());
    return true;
  });
  std::erase_if(deletes_, [this](const Deleting& deleting) {
    // A handle of a message that has moved on answers success without effect (spec 6.4).
    if (!deleting.answer.arrived()) return false;
    ledger_.acknowledged_deletes.insert(deleting.body);
    return true;
  });
  std::erase_if(receives_, [this](const auto& receive) {
    if (!receive.second.arrived()) return false;
    for (const ReceivedMessage& message : **receive.second) {
      held_.push_back({receive.first, message.receipt_handle, message.content.body});
    }
    return true;
  });
  // Only handles that still are the newest: older ones may have been moved to another queue.
  if (held_.size() > 20) held_.erase(held_.begin(), held_.begin() + 10);
}

void CrashWorkload::work(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const std::uint64_t calls = 1 + random_.below(6);
    for (std::uint64_t call = 0; call < calls; ++call) begin_one();
    // Step by step, so that what is acknowledged is known before the next write.
    server_.loop.restart();
    while (server_.loop.poll_one() > 0) collect();
    if (random_.one_in(4)) server_.clock.advance(Duration(random_.below(3000)));
    collect();
  }
}

std::vector<std::string> check_image(FakeFileSystem& disk, const Ledger& ledger, TimePoint time) {
  ServerHarness server(disk, Durability::kSync, CrashWorkload::kSegmentBytes, time);
  if (!server.opened()) return {"refused to start: " + server.refusal()};
  std::vector<std::string> wrong;
  std::map<std::string, int> found;
  for (const char* queue : {"q", "dlq"}) {
    if (server.engine.find(address_of(queue)) == nullptr) {
      if (!ledger.acknowledged_sends.empty()) wrong.push_back(std::string("lost queue ") + queue);
      continue;
    }
    auto peeked = server.start(server.broker->peek(PeekRequest{address_of(queue), 100'000}));
    for (const PeekedMessage& seen : **peeked) ++found[seen.message.content.body];
  }
  for (const std::string& body : ledger.acknowledged_sends) {
    if (!found.contains(body) && !ledger.attempted_deletes.contains(body)) {
      wrong.push_back("lost " + body.substr(0, 8));
    }
  }
  for (const auto& [body, times] : found) {
    if (times > 1) wrong.push_back("twice " + body.substr(0, 8));
    if (ledger.acknowledged_deletes.contains(body)) {
      wrong.push_back("resurrected " + body.substr(0, 8));
    }
  }
  return wrong;
}

}  // namespace headrace::queue
