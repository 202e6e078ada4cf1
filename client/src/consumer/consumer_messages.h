#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "client/src/cluster/cluster.h"
#include "client/src/consumer/failures.h"
#include "client/src/consumer/partition_reader.h"
#include "lanemq/consumer.h"
#include "lanemq_types.h"

namespace lanemq::client {

/// Whose request it is: a reader and one of its requests, or its serial.
using Tokens = std::vector<std::pair<TopicPartition, PartitionReader::Token>>;

enum class RequestKind { kFetch, kStartOffsets, kCommitted, kClaim, kRetries, kLogStart };

/// A request that goes out once the consumer's lock is released. One of the messages is filled.
struct ConsumerRequest {
  RequestKind kind = RequestKind::kFetch;
  BrokerTarget broker;
  Tokens tokens;
  idl::FetchRequest fetch;
  idl::ListOffsetsRequest list;
  idl::FetchOffsetsRequest committed;
  idl::ClaimPartitionsRequest claim;
  idl::FetchRetriesRequest retries;
};

struct AsyncCommit {
  // As it was made: it must not pass as a later generation's, nor as read after a reset.
  idl::CommitOffsetsRequest request;
  std::map<TopicPartition, PartitionReader::Token> readers;  // Their serials.
  // Those with failures that it passes, and Failures::forgotten() then.
  std::map<TopicPartition, std::uint64_t> guarded;
  Consumer::CommitCallback callback;
  bool begins = false;  // The record at its only offset is about to be handled.
};

/// What may await a partition's reader.
struct Prospects {
  std::int32_t claims = 0;  ///< Since the group's offset last moved.
  std::int64_t log_end = 0;
};

/// One message of a commit, with the failures it must carry: a settle when there are any.
struct Settling {
  idl::CommitOffsetsRequest commit;
  idl::SettleRequest settle;
  bool is_settle = false;
  bool is_partial = false;                                   // Another one must follow.
  std::map<TopicPartition, PartitionReader::Token> readers;  // Their serials.
  std::map<TopicPartition, Failures::Batch> batches;
  std::map<TopicPartition, std::int64_t> offsets;  // Committed, of those with a reader.
  Status refused;                                  // Of partitions that were left out.
  MonotonicTime made_at;
};

}  // namespace lanemq::client
