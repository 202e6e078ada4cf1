#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/sealed.h"
#include "common/core/store/node_vault.h"

namespace lanemq::sql {

/// Seals with the keys of a file; the node's name is the context.
class SealedNodeVault final : public core::NodeVault {
 public:
  /// Without keys nothing can be sealed or opened.
  explicit SealedNodeVault(std::optional<SealingKeys> keys) : keys_(std::move(keys)) {}
  /// An empty path: without keys. Errors: those of SealingKeys::FromFile().
  static Result<SealedNodeVault> FromFile(const std::string& path);

  Result<std::string> Seal(std::string_view node, const core::NodeLogin& login) const override;
  Result<core::NodeLogin> Open(const core::DataNode& node) const override;
  [[nodiscard]] bool IsOutdated(const core::DataNode& node) const override;

 private:
  std::optional<SealingKeys> keys_;
};

}  // namespace lanemq::sql
