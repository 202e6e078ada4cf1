#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/catalog/node_login.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// Keeps the credentials of data nodes secret: what the catalogue has of them is sealed.
///
/// Implementation: sql::SealedNodeVault, with the keys of --credentials-key-file. Thread safety:
/// every method from any thread. None of them blocks.
class NodeVault {
 public:
  virtual ~NodeVault() = default;

  /// For DataNode::sealed_credentials of the node of this name, and of no other.
  /// Errors: kInvalidRequest (CheckNodeLogin()); kFailedPrecondition: this server has no key.
  virtual Result<std::string> Seal(std::string_view node, const NodeLogin& login) const = 0;

  /// How to sign in at `node`, whose credentials are sealed. Errors: kInvalidConfig: this server
  /// has no key, or not the one that they were sealed with; kCorruptMessage.
  virtual Result<NodeLogin> Open(const DataNode& node) const = 0;

  /// Whether the credentials should be sealed anew, because another key is the first one now.
  [[nodiscard]] virtual bool IsOutdated(const DataNode& node) const = 0;
};

}  // namespace lanemq::core
