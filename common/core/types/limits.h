#pragma once

#include <cstddef>

namespace lanemq::core {

/// Enforced by brokers; a violation is kMessageTooLarge or kRecordListTooLarge and changes nothing.
struct Limits {
  std::size_t message_bytes_max = 1u << 20;  ///< Body. Hard ceiling: kMessageBytesHardMax.
  std::size_t key_bytes_max = 1u << 10;
  std::size_t headers_bytes_max = 16u << 10;  ///< All names and values of one message.
  std::size_t headers_max = 100;
  std::size_t batch_records_max = 1'000;   ///< Rows per INSERT.
  std::size_t batch_bytes_max = 4u << 20;  ///< Bytes per INSERT; one larger message goes alone.
  std::size_t commit_metadata_bytes_max = 4'096;
  std::size_t group_id_bytes_max = 249;
};

inline constexpr std::size_t kMessageBytesHardMax = 4u << 20;

inline constexpr int kSchemasPerNodeMax = 10;
inline constexpr int kTablesPerSchemaMax = 99;

}  // namespace lanemq::core
