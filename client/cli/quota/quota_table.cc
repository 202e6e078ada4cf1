#include "client/cli/quota/quota_table.h"

#include <cstdint>
#include <string>
#include <variant>

#include "client/cli/output/cells.h"

namespace lanemq::cli {
Table QuotasTable(const idl::QuotasResponse& quotas) {
  Table table{{"team", "topics", "topics_max", "partitions", "partitions_max", "stored_bytes",
               "stored_bytes_max", "produce_bytes_per_s", "fetch_bytes_per_s", "messages_per_s",
               "message_bytes_max"},
              {}};
  for (const idl::TeamQuotaUse& use : quotas.teams) {
    const idl::TeamQuota& quota = use.quota;
    table.rows.push_back({quota.team, use.topics, NumberCell(quota.__isset.topics, quota.topics),
                          use.partitions, NumberCell(quota.__isset.partitions, quota.partitions),
                          use.stored_bytes,
                          NumberCell(quota.__isset.stored_bytes, quota.stored_bytes),
                          NumberCell(quota.__isset.produce_bytes_per_s, quota.produce_bytes_per_s),
                          NumberCell(quota.__isset.fetch_bytes_per_s, quota.fetch_bytes_per_s),
                          NumberCell(quota.__isset.messages_per_s, quota.messages_per_s),
                          NumberCell(quota.__isset.message_bytes_max, quota.message_bytes_max)});
  }
  return table;
}

Table QuotaTable(const idl::TeamQuotaUse& use) {
  const idl::TeamQuota& quota = use.quota;
  const Cell unknown = std::monostate{};
  return {{"quota", "used", "limit"},
          {{std::string("topics"), use.topics, NumberCell(quota.__isset.topics, quota.topics)},
           {std::string("partitions"), use.partitions,
            NumberCell(quota.__isset.partitions, quota.partitions)},
           {std::string("stored_bytes"), use.stored_bytes,
            NumberCell(quota.__isset.stored_bytes, quota.stored_bytes)},
           {std::string("produce_bytes_per_s"), unknown,
            NumberCell(quota.__isset.produce_bytes_per_s, quota.produce_bytes_per_s)},
           {std::string("fetch_bytes_per_s"), unknown,
            NumberCell(quota.__isset.fetch_bytes_per_s, quota.fetch_bytes_per_s)},
           {std::string("messages_per_s"), unknown,
            NumberCell(quota.__isset.messages_per_s, quota.messages_per_s)},
           {std::string("message_bytes_max"), unknown,
            NumberCell(quota.__isset.message_bytes_max, quota.message_bytes_max)}}};
}

}  // namespace lanemq::cli
