#include "common/rpc/authentication.h"

#include <string_view>
#include <utility>

#include "Common.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::rpc {
namespace {

using apache::thrift::protocol::TProtocol;

constexpr std::string_view kWhiteSpace = " \t\r\n";

// What nobody else may see: all behind the id; all of it when it has another form.
std::string_view SecretOf(std::string_view token) {
  const std::size_t end = token.find_last_not_of(kWhiteSpace);
  token = token.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const std::size_t separator = token.rfind('_');
  return separator + 1 < token.size() ? token.substr(separator + 1) : token;
}

Error WithoutToken(Error error, const std::string& token) {
  const std::string_view secret = SecretOf(token);
  if (!secret.empty() && error.message.find(secret) != std::string::npos) {
    error.message = "(a text that repeats the token)";
  }
  return error.Wrap("the server does not accept the token");
}

}  // namespace

EncodedCall EncodeAuthenticate(const std::string& token, std::size_t bytes_max) {
  idl::AuthenticateRequest request;
  request.token = token;
  return EncodeCall("authenticate", bytes_max, [&](TProtocol& protocol) {
    idl::Common_authenticate_pargs args;
    args.request = &request;
    args.write(&protocol);
  });
}

Status DecodeAuthenticated(std::span<const std::uint8_t> reply, const std::string& token) {
  idl::AuthenticateResponse response;
  idl::Common_authenticate_presult result;
  result.success = &response;
  Status status = DecodeReply(reply, [&](TProtocol& protocol) { result.read(&protocol); });
  if (status.ok() && result.__isset.error) status = wire::FromWire(result.error);
  if (status.ok() || status.error().code == ErrorCode::kUnsupportedVersion) return {};
  return WithoutToken(status.error(), token);
}

}  // namespace lanemq::rpc
