// Every number SQS sets, once, under AWS's name. Source: SQS API Reference and quotas (spec 0.5).
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::queue {

inline constexpr std::int64_t kMessageSizeMin = 1024;
inline constexpr std::int64_t kMessageSizeMax = 1'048'576;  // body + attributes, bytes
inline constexpr std::int64_t kBatchSizeMax = 1'048'576;    // all entries together, bytes
inline constexpr std::size_t kBatchEntriesMax = 10;
inline constexpr std::size_t kBatchEntryIdLengthMax = 80;
inline constexpr std::size_t kQueueNameLengthMax = 80;
inline constexpr std::size_t kAccountLength = 12;
inline constexpr std::size_t kMessageAttributesMax = 10;
inline constexpr std::size_t kAttributeNameLengthMax = 256;
inline constexpr std::size_t kAttributeTypeLengthMax = 256;
inline constexpr std::size_t kGroupIdLengthMax = 128;
inline constexpr std::int64_t kVisibilityTimeoutMax = 43'200;  // seconds, as all below
inline constexpr std::int64_t kVisibilityTimeoutDefault = 30;
inline constexpr std::int64_t kDelaySecondsMax = 900;
inline constexpr std::int64_t kWaitTimeSecondsMax = 20;
inline constexpr std::int64_t kRetentionMin = 60;
inline constexpr std::int64_t kRetentionMax = 1'209'600;
inline constexpr std::int64_t kRetentionDefault = 345'600;
inline constexpr std::size_t kKmsKeyIdLengthMax = 2048;  // as in the KMS API
inline constexpr std::int64_t kKmsReuseMin = 60;
inline constexpr std::int64_t kKmsReuseMax = 86'400;
inline constexpr std::int64_t kKmsReuseDefault = 300;
inline constexpr std::size_t kReceiveMessagesMax = 10;  // per ReceiveMessage call
inline constexpr std::size_t kInFlightMax = 120'000;    // per queue
inline constexpr std::int64_t kMaxReceiveCountMax = 1000;
inline constexpr std::int64_t kDeduplicationSeconds = 300;  // FIFO, from the first accepted send
inline constexpr std::int64_t kReceiveAttemptSeconds = 300;
inline constexpr std::size_t kPolicyBytesMax = 8192;
inline constexpr std::size_t kPolicyLabelLengthMax = 80;
inline constexpr std::size_t kPolicyStatementsMax = 20;
inline constexpr std::size_t kPolicyActionsMax = 7;      // of one AddPermission
inline constexpr std::size_t kPolicyPrincipalsMax = 50;  // likewise
inline constexpr std::int64_t kMoveRateMax = 500;        // messages a second
inline constexpr std::int64_t kMoveTasksListMax = 10;
inline constexpr std::size_t kMoveTasksMax = 100;  // that run
inline constexpr std::int64_t kPurgeIntervalSeconds = 60;
inline constexpr std::int64_t kRecreateIntervalSeconds = 60;
inline constexpr std::size_t kTagsMax = 50;
inline constexpr std::size_t kTagKeyLengthMax = 128;
inline constexpr std::size_t kTagValueLengthMax = 256;
inline constexpr std::size_t kReceiptHandleLengthMax = 1024;
inline constexpr std::int64_t kListResultsMax = 1000;

// Ours: what one Broker::receive may take for the event source mapping (BatchSize, Lambda API).
inline constexpr std::size_t kBrokerReceiveMax = 10'000;
// Ours: what one peek of the SQS face shows; bytes as in a `Records` event.
inline constexpr std::size_t kPeekedMessagesMax = 1000;
inline constexpr std::uint64_t kPeekedBytesMax = std::uint64_t{8} << 20;
// Ours: long polls parked on one queue, and on the whole server.
inline constexpr std::size_t kParkedReceivesPerQueueMax = 10'000;
// Ours: sends a FIFO queue remembers for deduplication, and receives for their attempt ids. At
// these the answer is RequestThrottled: nothing is forgotten early.
inline constexpr std::size_t kDeduplicationsMax = 20'000'000;
inline constexpr std::size_t kReceiveAttemptsMax = 1'000'000;
// Ours: one document of control state, its key included. Lambda's largest asynchronous event is one.
inline constexpr std::size_t kDocumentBytesMax = 1'048'576 + 1024;
// Ours: what a sender adds to a message that SQS does not count (trace header, ids), together.
inline constexpr std::size_t kSystemTextBytesMax = 8192;
// Ours: queues on one server.
inline constexpr std::size_t kQueuesMax = 100'000;

}  // namespace headrace::queue
