#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "common/base/result.h"
#include "portal/api/options.h"

namespace lanemq::portal {

/// The whole program: HTTP in front, the cluster behind, and the admin port.
///
/// Thread safety: one owner.
class Portal {
 public:
  /// kInvalidConfig: a file, or an address. The cluster need not be there yet.
  static Result<std::unique_ptr<Portal>> Start(const PortalOptions& options);
  ~Portal();
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t admin_port() const;
  /// Lets requests at work end. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit Portal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::portal
