// Packed: the user, a zero byte, the password.
#include "common/core/catalog/node_login.h"

#include <algorithm>

#include "common/base/check.h"

namespace lanemq::core {
namespace {

constexpr char kBetween = '\0';

bool IsControl(char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; }

}  // namespace

Status CheckNodeLogin(const NodeLogin& login) {
  const auto refuse = [](std::string why) -> Status {
    return Error{ErrorCode::kInvalidRequest, std::move(why)};
  };
  if (login.user.empty() || login.user.size() > kNodeUserBytesMax ||
      std::any_of(login.user.begin(), login.user.end(), IsControl)) {
    return refuse("the user has 1 to 128 bytes without control characters");
  }
  if (login.password.size() > kNodePasswordBytesMax) {
    return refuse("the password has " + std::to_string(login.password.size()) +
                  " bytes, at most 1024 are allowed");
  }
  if (login.password.find('\0') != std::string::npos) {
    return refuse("the password has a zero byte, which MySQL cannot be sent");
  }
  return {};
}

std::string PackNodeLogin(const NodeLogin& login) {
  LANEMQ_CHECK(CheckNodeLogin(login).ok());
  return login.user + kBetween + login.password;
}

Result<NodeLogin> UnpackNodeLogin(std::string_view text) {
  const std::size_t between = text.find(kBetween);
  NodeLogin login;
  if (between != std::string_view::npos) {
    login = {std::string(text.substr(0, between)), std::string(text.substr(between + 1))};
  }
  if (CheckNodeLogin(login).ok()) return login;
  return Error{ErrorCode::kCorruptMessage, "the data node's credentials do not decode"};
}

}  // namespace lanemq::core
