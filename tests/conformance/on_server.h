#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/database_server.h"

namespace lanemq::testing {

/// Makes an `UnderTest` on the shared server of the engine; null, and why, when there is none. An
/// engine that is installed and does not start is a failure.
template <typename UnderTest, typename Base>
std::function<std::unique_ptr<Base>(std::string*)> OnServer(Engine engine) {
  return [engine](std::string* why) -> std::unique_ptr<Base> {
    DatabaseServer* const server = SharedServer(engine, why);
    if (server == nullptr) {
      EXPECT_TRUE(ServerProgram(engine).empty()) << "installed, but: " << *why;
      return nullptr;
    }
    return std::make_unique<UnderTest>(*server);
  };
}

}  // namespace lanemq::testing
