#pragma once

#include <string_view>

#include "portal/api/assets/asset.h"
#include "portal/api/http/message.h"

namespace lanemq::portal {

/// Serves the portal's pages from memory: files by their path, and the one document for every other
/// path, whose script knows what is to be shown there.
///
/// Thread safety: immutable; Serve() from any thread.
class Pages {
 public:
  explicit Pages(AssetPack pack);

  /// False: this program was built without pages.
  [[nodiscard]] bool has_any() const { return index_ != nullptr; }

  /// The answer to GET or HEAD of `path`, which is outside of the API and without its query: 200,
  /// 304 when the client has these bytes, or 404 (without a body) for a file that is not there (any
  /// more). Compressed as `Accept-Encoding` allows. It carries what browsers may do with it (a
  /// policy that forbids all that is not from here).
  [[nodiscard]] HttpReply Serve(const HttpRequest& request, std::string_view path) const;

 private:
  [[nodiscard]] const Asset* Find(std::string_view path) const;

  AssetPack pack_;
  const Asset* index_ = nullptr;
};

/// Whether the header Accept-Encoding allows `coding`: it is named, or "*" is, and not with q=0.
[[nodiscard]] bool AcceptsCoding(std::string_view header, std::string_view coding);

}  // namespace lanemq::portal
