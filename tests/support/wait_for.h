#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include <gtest/gtest.h>

namespace lanemq::testing {

/// Looks at `condition` until it is true or `timeout` has passed, with growing pauses (0.2 ms up to
/// 20 ms) between looks. The one place where tests wait. Failure names `what`.
///
///   ASSERT_TRUE(WaitFor([&] { return broker.IsReady(); }, 10s, "broker ready"));
[[nodiscard]] ::testing::AssertionResult WaitFor(const std::function<bool()>& condition,
                                                 std::chrono::milliseconds timeout,
                                                 std::string_view what);

}  // namespace lanemq::testing
