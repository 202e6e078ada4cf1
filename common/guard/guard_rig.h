#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "access_types.h"
#include "common/core/access/access_table.h"
#include "common/guard/authenticate.h"
#include "common/guard/test_world.h"

namespace lanemq::testing {

inline const core::Resource kOrders{core::ResourceKind::kTopic, "orders"};
inline const core::Resource kOthers{core::ResourceKind::kTopic, "others"};
inline const core::Resource kPickers{core::ResourceKind::kGroup, "pickers"};

[[nodiscard]] inline ErrorCode CodeOf(const Status& status) {
  return status.ok() ? ErrorCode::kUnknownServerError : status.error().code;
}

/// A guard that is on, with the book of World.
class GuardTest : public ::testing::Test {
 protected:
  GuardTest() { guard_.Publish(world_.Book()); }

  std::optional<Error> Admit(std::string_view method, const core::Caller* caller) const {
    return guard_.Admit({.method = method, .peer = "p:1", .caller = caller});
  }
  Result<idl::AuthenticateResponse> Present(const std::string& token, FakeCall& call) const {
    idl::AuthenticateRequest request;
    request.token = token;
    return Authenticate(guard_, request, call);
  }

  GuardClock clock_;
  World world_;
  Guard guard_{true, clock_};
};

}  // namespace lanemq::testing
