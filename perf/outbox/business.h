#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <cppconn/connection.h>

#include "common/base/result.h"
#include "lanemq/mysql_connector.h"
#include "lanemq/outbox.h"
#include "tests/support/database_server.h"

namespace lanemq::perf {

inline constexpr char kOutboxSchema[] = "shop";

/// Makes the schema, its table `orders` and its outbox, anew.
Status InstallShop(testing::DatabaseServer& server);

/// A business that takes orders: one connection, one transaction per order. Not thread-safe.
class Shop {
 public:
  static Result<std::unique_ptr<Shop>> Open(testing::DatabaseServer& server, Outbox& outbox);

  /// One order: an insert, an update of the customer's row, and with `has_message` a message of
  /// `bytes` keyed by the customer; committed.
  Status Order(std::int64_t customer, bool has_message, const std::string& body,
               const std::string& topic);
  /// Many messages in one transaction, for a backlog.
  Status Fill(std::int64_t first, int count, const std::string& body, const std::string& topic);

 private:
  Shop(std::unique_ptr<::sql::Connection> connection, Outbox& outbox)
      : connection_(std::move(connection)), session_(*connection_), outbox_(outbox) {}

  std::unique_ptr<::sql::Connection> connection_;
  ConnectorSession session_;
  Outbox& outbox_;
};

}  // namespace lanemq::perf
