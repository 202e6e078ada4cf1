// Keeps a read model of orders: each message counts once, however often it is delivered. See
// README.md.
#include <iostream>
#include <memory>
#include <mysql.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/examples/orders/database.h"
#include "lanemq/consumer.h"
#include "lanemq/inbox.h"
#include "lanemq/mysql_c_api.h"

namespace {

using lanemq::Error;
using lanemq::ErrorCode;
using lanemq::Result;
using lanemq::Status;

struct Flags {
  std::string database;
  std::string user = "root";
  std::string password_file;
  std::string bootstrap;
  std::string topic = "orders";
  std::string group = "orders-view";
  std::string instance;
  int count = 0;
  bool is_installing = false;
};

struct CloseConnection {
  void operator()(MYSQL* connection) const { mysql_close(connection); }
};
using Connection = std::unique_ptr<MYSQL, CloseConnection>;

Connection Connect(const Database& database) {
  Connection connection(mysql_init(nullptr));
  if (mysql_real_connect(connection.get(), database.host.c_str(), database.user.c_str(),
                         database.password.c_str(), database.schema.c_str(),
                         static_cast<unsigned>(database.port), nullptr, 0) == nullptr) {
    std::cerr << mysql_error(connection.get()) << "\n";
    return nullptr;
  }
  return connection;
}

class OrdersView {
 public:
  OrdersView(MYSQL* connection, lanemq::Inbox& inbox)
      : connection_(connection), session_(connection), inbox_(inbox) {}

  /// The effect of one message and the memory that it happened, in one transaction. True: it had an
  /// effect; false: it was processed before.
  Result<bool> Process(const lanemq::ConsumedRecord& record) {
    while (true) {
      Result<bool> done = Attempt(record);
      if (done.ok()) return done;
      // Whatever happened, nothing of it shall stay. Fails when the connection is lost: then it is
      // rolled back already.
      const Status rolled_back = Run("ROLLBACK");
      if (done.error().code != ErrorCode::kConflict || !rolled_back.ok()) return done;
    }
  }

 private:
  Result<bool> Attempt(const lanemq::ConsumedRecord& record) {
    LANEMQ_RETURN_IF_ERROR(Run("START TRANSACTION"));
    LANEMQ_ASSIGN_OR_RETURN(const bool is_new, inbox_.Claim(session_, record));
    if (is_new) LANEMQ_RETURN_IF_ERROR(Count(record));
    // A COMMIT whose answer is lost is no harm: the message comes again, and the inbox knows.
    LANEMQ_RETURN_IF_ERROR(Run("COMMIT"));
    return is_new;
  }
  Status Count(const lanemq::ConsumedRecord& record) {
    const auto order = nlohmann::json::parse(record.body.value_or(""), nullptr, false);
    if (order.is_discarded()) return Error{ErrorCode::kCorruptMessage, "not JSON"};
    const auto customer = order.value("customer", std::string());
    const std::int64_t number = order.value("number", std::int64_t{0});
    const std::int64_t cents = order.value("amount_cents", std::int64_t{0});
    const lanemq::SqlValue values[] = {std::string_view(customer), cents, number, cents, number};
    const auto counted = session_.Execute(
        "INSERT INTO order_totals (customer,orders,amount_cents,last_number) VALUES (?,1,?,?) "
        "ON DUPLICATE KEY UPDATE orders=orders+1,amount_cents=amount_cents+?,last_number=?",
        values);
    return counted.ok() ? Status{} : Status{counted.error()};
  }
  Status Run(const char* text) {
    if (mysql_query(connection_, text) == 0) return {};
    return lanemq::SqlError(static_cast<int>(mysql_errno(connection_)), mysql_error(connection_));
  }

  MYSQL* connection_;
  lanemq::CApiSession session_;
  lanemq::Inbox& inbox_;
};

int Fail(const Error& error) {
  std::cerr << error.ToString() << "\n";
  return 1;
}

/// Reads until told to stop, or until `count` messages had an effect (0: for ever).
int Follow(lanemq::Consumer& consumer, OrdersView& view, int count) {
  int counted = 0;
  int known = 0;
  while ((count == 0 || counted < count) && !WaitOrStop(0)) {
    const auto records = consumer.Poll(std::chrono::milliseconds(500));
    if (!records.ok()) return Fail(records.error());
    for (const lanemq::ConsumedRecord& record : *records) {
      const auto is_new = view.Process(record);
      if (!is_new.ok() && is_new.error().code == ErrorCode::kCorruptMessage) {
        // Nobody will ever understand it: a dead letter, not a reason to stop.
        const Status failed = consumer.Fail(
            record, {.is_fatal = true, .reason = "not-json", .error = is_new.error().message});
        if (!failed.ok()) return Fail(failed.error());
        continue;
      }
      // Ending is enough: offsets are not committed, so the message is delivered again.
      if (!is_new.ok()) return Fail(is_new.error());
      ++(*is_new ? counted : known);
      if (*is_new) std::cout << "counted " << *record.body << std::endl;
    }
    if (records->empty()) continue;
    // Only now, behind the effects. In the other order a crash in between loses messages.
    const Status committed = consumer.CommitSync();
    const bool is_lost = !committed.ok() && committed.error().code == ErrorCode::kIllegalGeneration;
    if (is_lost) continue;  // Another member has the partition now; its inbox is the same.
    if (!committed.ok()) return Fail(committed.error());
  }
  std::cout << counted << " counted, " << known << " known before" << std::endl;
  const Status closed = consumer.Close();
  return closed.ok() ? 0 : Fail(closed.error());
}

int Run(const Flags& flags) {
  Database database;
  if (!ReadDatabase(flags.database, flags.user, flags.password_file, database)) return 2;
  const Connection connection = Connect(database);
  if (connection == nullptr) return 1;
  if (flags.is_installing) {
    for (const std::string& text : StatementsOf("order_totals.sql")) {
      if (mysql_query(connection.get(), text.c_str()) != 0) {
        std::cerr << mysql_error(connection.get()) << "\n";
        return 1;
      }
    }
    return 0;
  }
  const auto inbox = lanemq::Inbox::Create({.group = flags.group});
  if (!inbox.ok()) return Fail(inbox.error());
  lanemq::ConsumerOptions options;
  if (const auto set = options.Set("bootstrap.servers", flags.bootstrap); !set.ok()) {
    return Fail(set.error());
  }
  options.group_id = flags.group;
  options.group_instance_id = flags.instance;
  options.auto_offset_reset = lanemq::OffsetReset::kEarliest;
  auto consumer = lanemq::Consumer::Create(options);
  if (!consumer.ok()) return Fail(consumer.error());
  if (const auto done = (*consumer)->Subscribe({flags.topic}); !done.ok()) {
    return Fail(done.error());
  }
  OrdersView view(connection.get(), **inbox);
  return Follow(**consumer, view, flags.count);
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Keeps order_totals up to date by messages", "orders_view");
  app.add_option("--database", flags.database, "HOST:PORT/SCHEMA of the read model")->required();
  app.add_option("--user", flags.user, "Database account");
  app.add_option("--password-file", flags.password_file, "Its password, in the first line");
  app.add_option("--bootstrap-server", flags.bootstrap, "Servers of the cluster, HOST:PORT,...");
  app.add_option("--topic", flags.topic, "Topic of the messages");
  app.add_option("--group", flags.group, "Consumer group; also of the inbox");
  app.add_option("--instance", flags.instance,
                 "Name of this process in the group: one that starts again takes its old place");
  app.add_option("--count", flags.count, "End when so many messages were counted; 0: never");
  app.add_flag("--install", flags.is_installing, "Create the tables of order_totals.sql and end");
  CLI11_PARSE(app, argc, argv);
  CatchStopSignals();
  return Run(flags);
}
