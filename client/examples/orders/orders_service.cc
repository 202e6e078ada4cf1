// Takes orders: each is a row of `orders` and a message, in one transaction. See README.md.
#include <iostream>
#include <memory>
#include <optional>
#include <random>

#include <CLI/CLI.hpp>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include "client/examples/orders/database.h"
#include "lanemq/mysql_connector.h"
#include "lanemq/outbox.h"

namespace {

struct Flags {
  std::string database;
  std::string user = "root";
  std::string password_file;
  std::string topic = "orders";
  std::vector<std::string> relays;
  int count = 10;
  double rate = 0;
  unsigned seed = 1;
  int customers = 5;
  int roll_back_percent = 20;
  bool is_installing = false;
};

struct Order {
  std::string customer;
  int number = 0;
  std::int64_t amount_cents = 0;
};

enum class Outcome { kCommitted, kRolledBack, kConflict, kUnknown };

std::unique_ptr<sql::Connection> Connect(const Database& database) {
  sql::ConnectOptionsMap options;
  options["hostName"] = sql::SQLString("tcp://" + database.host);
  options["port"] = database.port;
  options["userName"] = sql::SQLString(database.user);
  options["password"] = sql::SQLString(database.password);
  options["schema"] = sql::SQLString(database.schema);
  options["OPT_RECONNECT"] = false;  // A new session would not know the transaction.
  return std::unique_ptr<sql::Connection>(sql::mysql::get_driver_instance()->connect(options));
}

class OrderService {
 public:
  OrderService(sql::Connection& connection, lanemq::Outbox& outbox, std::string topic)
      : connection_(connection),
        statement_(connection.createStatement()),
        session_(connection),
        outbox_(outbox),
        topic_(std::move(topic)) {}

  /// One transaction: count the customer's orders, insert this one, and its message. `wants_it`
  /// false: the customer changes their mind at the last moment.
  Outcome Place(Order& order, bool wants_it) {
    statement_->execute("START TRANSACTION");
    try {
      order.number = NextNumber(order.customer);
      const std::unique_ptr<sql::PreparedStatement> insert(connection_.prepareStatement(
          "INSERT INTO orders (customer,number,amount_cents) VALUES (?,?,?)"));
      insert->setString(1, order.customer);
      insert->setInt(2, order.number);
      insert->setInt64(3, order.amount_cents);
      insert->executeUpdate();
    } catch (const sql::SQLException& e) {
      return GiveUp(lanemq::SqlError(e.getErrorCode(), e.what()));
    }
    // The same connection, so the same transaction. No network, no broker: just one more row.
    const lanemq::Status appended =
        outbox_.Append(session_, {.topic = topic_, .key = order.customer, .body = BodyOf(order)});
    if (!appended.ok()) return GiveUp(appended.error());
    if (!wants_it) {
      statement_->execute("ROLLBACK");
      return Outcome::kRolledBack;
    }
    try {
      // Not Connection::commit(): it says nothing when the server refuses.
      statement_->execute("COMMIT");
    } catch (const sql::SQLException& e) {
      // The answer is lost, not necessarily the order. With its message it is stored, or neither.
      std::cerr << "commit: " << e.what() << "\n";
      return Outcome::kUnknown;
    }
    outbox_.AfterCommit();
    return Outcome::kCommitted;
  }

 private:
  int NextNumber(const std::string& customer) {
    const std::unique_ptr<sql::PreparedStatement> lock(
        connection_.prepareStatement("INSERT INTO customers (customer,orders) VALUES (?,1) "
                                     "ON DUPLICATE KEY UPDATE orders=orders+1"));
    lock->setString(1, customer);
    lock->executeUpdate();
    const std::unique_ptr<sql::PreparedStatement> read(
        connection_.prepareStatement("SELECT orders FROM customers WHERE customer=?"));
    read->setString(1, customer);
    const std::unique_ptr<sql::ResultSet> rows(read->executeQuery());
    rows->next();
    return rows->getInt(1);
  }
  static std::string BodyOf(const Order& order) {
    return R"({"customer":")" + order.customer + R"(","number":)" + std::to_string(order.number) +
           R"(,"amount_cents":)" + std::to_string(order.amount_cents) + "}";
  }
  /// Nothing was stored. A conflict is worth another try, from the beginning.
  Outcome GiveUp(const lanemq::Error& error) {
    if (error.code == lanemq::ErrorCode::kConflict) {
      statement_->execute("ROLLBACK");
      return Outcome::kConflict;
    }
    throw std::runtime_error(error.ToString());
  }

  sql::Connection& connection_;
  std::unique_ptr<sql::Statement> statement_;
  lanemq::ConnectorSession session_;
  lanemq::Outbox& outbox_;
  std::string topic_;
};

int PlaceOrders(const Flags& flags, OrderService& service) {
  std::mt19937_64 dice(flags.seed);
  const auto roll = [&](int sides) {
    return static_cast<int>(dice() % static_cast<std::uint64_t>(sides));
  };
  int committed = 0;
  int rolled_back = 0;
  for (int i = 0; i < flags.count; ++i) {
    Order order{.customer = "customer-" + std::to_string(roll(flags.customers) + 1),
                .amount_cents = 100 + roll(9'900)};
    const bool wants_it = roll(100) >= flags.roll_back_percent;
    Outcome outcome = service.Place(order, wants_it);
    while (outcome == Outcome::kConflict) outcome = service.Place(order, wants_it);
    if (outcome == Outcome::kUnknown) return 1;
    ++(outcome == Outcome::kCommitted ? committed : rolled_back);
    std::cout << (outcome == Outcome::kCommitted ? "committed " : "rolled back ") << order.customer
              << " " << order.number << " " << order.amount_cents << std::endl;
    if (WaitOrStop(flags.rate > 0 ? 1 / flags.rate : 0)) break;
  }
  std::cout << committed << " committed, " << rolled_back << " rolled back" << std::endl;
  return 0;
}

int Run(const Flags& flags) {
  Database database;
  if (!ReadDatabase(flags.database, flags.user, flags.password_file, database)) return 2;
  const std::unique_ptr<sql::Connection> connection = Connect(database);
  if (flags.is_installing) {
    const std::unique_ptr<sql::Statement> statement(connection->createStatement());
    for (const std::string& text : StatementsOf("orders.sql")) statement->execute(text);
    return 0;
  }
  const auto outbox = lanemq::Outbox::Create({.relay_addresses = flags.relays});
  if (!outbox.ok()) {
    std::cerr << outbox.error().ToString() << "\n";
    return 2;
  }
  OrderService service(*connection, **outbox, flags.topic);
  return PlaceOrders(flags, service);
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Takes orders and says so, in one transaction each", "orders_service");
  app.add_option("--database", flags.database, "HOST:PORT/SCHEMA of the service's tables")
      ->required();
  app.add_option("--user", flags.user, "Database account");
  app.add_option("--password-file", flags.password_file, "Its password, in the first line");
  app.add_option("--topic", flags.topic, "Topic of the messages");
  app.add_option("--relay", flags.relays, "Wake-up addresses of relays, HOST:PORT")->delimiter(',');
  app.add_option("--count", flags.count, "Orders to place");
  app.add_option("--rate", flags.rate, "At most so many a second; 0: as fast as it can");
  app.add_option("--seed", flags.seed, "Of the dice: customers, amounts, second thoughts");
  app.add_option("--customers", flags.customers, "How many there are")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--roll-back", flags.roll_back_percent, "Percent of orders that are rolled back")
      ->check(CLI::Range(0, 100));
  app.add_flag("--install", flags.is_installing, "Create the tables of orders.sql and end");
  CLI11_PARSE(app, argc, argv);
  CatchStopSignals();
  try {
    return Run(flags);
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
