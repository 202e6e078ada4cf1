// Runs the suite of stores of moves on both database engines.
#include <memory>
#include <string>

#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_move_store.h"
#include "tests/conformance/move_store_begin_cases.h"
#include "tests/conformance/move_store_step_cases.h"
#include "tests/conformance/move_store_suite.h"
#include "tests/conformance/sql_audit.h"
#include "tests/conformance/sql_meta.h"

namespace lanemq::testing {
namespace {

class SqlMoves final : public MoveStoreUnderTest {
 public:
  explicit SqlMoves(DatabaseServer& server) : meta_(server) {}
  core::MoveStore& store() override { return store_; }
  core::CatalogStore& catalog() override { return catalog_; }
  core::LeaseStore& leases() override { return leases_; }
  void Advance(std::chrono::milliseconds by) override { meta_.Advance(by); }
  std::vector<core::AuditEvent> Audited() override { return AuditedIn(*meta_.pool); }
  void LoseReply(const std::string& after, bool after_effect) override {
    meta_.lost_reply->LoseAfter(after, after_effect);
  }

 private:
  SqlMeta meta_;
  sql::MySqlCatalogStore catalog_{*meta_.pool, meta_.Clock()};
  sql::MySqlLeaseStore leases_{*meta_.pool, meta_.Clock()};
  sql::MySqlMoveStore store_{*meta_.pool, meta_.Clock()};
};

MoveStoreFactory On(Engine engine) {
  return {NameOf(engine), OnServer<SqlMoves, MoveStoreUnderTest>(engine)};
}

INSTANTIATE_TEST_SUITE_P(On, MoveStoreSuite,
                         ::testing::Values(On(Engine::kMariaDb), On(Engine::kMySql)),
                         [](const auto& factory) { return factory.param.name; });

}  // namespace
}  // namespace lanemq::testing
