#include "perf/outbox/business.h"

#include <span>
#include <utility>
#include <vector>

#include <cppconn/exception.h>
#include <cppconn/statement.h>
#include <fmt/format.h>
#include <mysql_driver.h>

#include "common/base/clock.h"
#include "sql/migrate/migrator.h"

namespace lanemq::perf {

Status InstallShop(testing::DatabaseServer& server) {
  LANEMQ_RETURN_IF_ERROR(server.Query(fmt::format(
      "DROP DATABASE IF EXISTS {0}; CREATE DATABASE {0};"
      "CREATE TABLE {0}.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer BIGINT NOT NULL,"
      " text VARCHAR(200) NOT NULL);"
      "CREATE TABLE {0}.customers (customer BIGINT PRIMARY KEY, orders BIGINT NOT NULL)",
      kOutboxSchema)));
  sql::ConnectionOptions options;
  options.host = server.host();
  options.port = server.port();
  options.user = server.user();
  options.schema = kOutboxSchema;
  return sql::MigrateOutbox(options,
                            Deadline::After(SystemClock::Instance(), std::chrono::seconds(30)));
}

Result<std::unique_ptr<Shop>> Shop::Open(testing::DatabaseServer& server, Outbox& outbox) {
  try {
    std::unique_ptr<::sql::Connection> connection(
        ::sql::mysql::get_mysql_driver_instance()->connect(
            fmt::format("tcp://{}:{}", server.host(), server.port()), server.user(),
            server.password()));
    connection->setSchema(kOutboxSchema);
    connection->setAutoCommit(false);
    return std::unique_ptr<Shop>(new Shop(std::move(connection), outbox));
  } catch (const ::sql::SQLException& e) {
    return Error{ErrorCode::kDataNodeUnavailable, e.what()};
  }
}

Status Shop::Order(std::int64_t customer, bool has_message, const std::string& body,
                   const std::string& topic) {
  const SqlValue who = customer;
  LANEMQ_RETURN_IF_ERROR(session_.Execute(
      "INSERT INTO orders (customer, text) VALUES (?, 'two of these')", std::span(&who, 1)));
  LANEMQ_RETURN_IF_ERROR(
      session_.Execute("INSERT INTO customers (customer, orders) VALUES (?, 1)"
                       " ON DUPLICATE KEY UPDATE orders = orders + 1",
                       std::span(&who, 1)));
  if (has_message) {
    OutboxRecord record;
    record.topic = topic;
    record.key = std::to_string(customer);
    record.body = body;
    LANEMQ_RETURN_IF_ERROR(outbox_.Append(session_, record));
  }
  try {
    // commit() would ignore the server's answer.
    std::unique_ptr<::sql::Statement>(connection_->createStatement())->execute("COMMIT");
  } catch (const ::sql::SQLException& e) {
    return Error{ErrorCode::kOutcomeUnknown, e.what()};
  }
  return {};
}

Status Shop::Fill(std::int64_t first, int count, const std::string& body,
                  const std::string& topic) {
  std::vector<OutboxRecord> records;
  for (int i = 0; i < count; ++i) {
    OutboxRecord& record = records.emplace_back();
    record.topic = topic;
    record.key = std::to_string((first + i) % 10'000);
    record.body = body;
  }
  LANEMQ_RETURN_IF_ERROR(outbox_.AppendAll(session_, records));
  try {
    // commit() would ignore the server's answer.
    std::unique_ptr<::sql::Statement>(connection_->createStatement())->execute("COMMIT");
  } catch (const ::sql::SQLException& e) {
    return Error{ErrorCode::kOutcomeUnknown, e.what()};
  }
  return {};
}

}  // namespace lanemq::perf
