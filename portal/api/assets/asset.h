#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lanemq::portal {

/// Bytes of a pack. `size` 0: there are none.
struct AssetSlice {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

/// One file of the pages, as it was built, and compressed where that makes it smaller.
struct Asset {
  std::string_view path;  ///< "/assets/index-3fa2.js".
  std::string_view type;  ///< For Content-Type.
  std::string_view hash;  ///< Of the bytes; names them in ETags.
  AssetSlice identity;
  AssetSlice gzip;
  AssetSlice brotli;
};

/// All files of the pages, in memory for the life of the program.
struct AssetPack {
  std::string_view bytes;
  std::span<const Asset> assets;  ///< By path.

  [[nodiscard]] std::string_view BytesOf(AssetSlice slice) const {
    return bytes.substr(slice.offset, slice.size);
  }
};

/// What was built with this program (portal/web); without assets when it was built without pages.
[[nodiscard]] AssetPack EmbeddedPages();

}  // namespace lanemq::portal
