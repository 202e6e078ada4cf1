#include "sql/store/sealed_node_vault.h"

namespace lanemq::sql {
namespace {

std::string ContextOf(std::string_view node) { return "data node " + std::string(node); }

}  // namespace

Result<SealedNodeVault> SealedNodeVault::FromFile(const std::string& path) {
  if (path.empty()) return SealedNodeVault(std::nullopt);
  LANEMQ_ASSIGN_OR_RETURN(SealingKeys keys, SealingKeys::FromFile(path));
  return SealedNodeVault(std::move(keys));
}

Result<std::string> SealedNodeVault::Seal(std::string_view node,
                                          const core::NodeLogin& login) const {
  LANEMQ_RETURN_IF_ERROR(core::CheckNodeLogin(login));
  if (!keys_) {
    return Error{ErrorCode::kFailedPrecondition,
                 "credentials of data nodes cannot be kept: this metaserver was started without "
                 "--credentials-key-file"};
  }
  return keys_->Seal(core::PackNodeLogin(login), ContextOf(node));
}

Result<core::NodeLogin> SealedNodeVault::Open(const core::DataNode& node) const {
  const std::string about = "credentials of data node '" + node.name + "'";
  if (!keys_) {
    return Error{ErrorCode::kInvalidConfig,
                 about + " are sealed, and this server was started without --credentials-key-file"};
  }
  const auto text = keys_->Open(node.sealed_credentials, ContextOf(node.name));
  if (!text.ok()) return text.error().Wrap(about);
  auto login = core::UnpackNodeLogin(*text);
  if (!login.ok()) return login.error().Wrap(about);
  return login;
}

bool SealedNodeVault::IsOutdated(const core::DataNode& node) const {
  return keys_ && !node.sealed_credentials.empty() &&
         !keys_->IsSealedWithFirst(node.sealed_credentials);
}

}  // namespace lanemq::sql
