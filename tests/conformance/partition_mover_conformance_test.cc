// Runs the suites of partition movers on both database engines.
#include "tests/conformance/partition_mover_read_cases.h"
#include "tests/conformance/partition_mover_suite.h"

namespace lanemq::testing {

INSTANTIATE_TEST_SUITE_P(On, PartitionMoverSuite, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

INSTANTIATE_TEST_SUITE_P(On, PartitionMoverReads, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

}  // namespace lanemq::testing
