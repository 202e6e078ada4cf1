// In the place of the generated table when the pages are not built (LANEMQ_BUILD_PAGES=OFF).
#include "portal/api/assets/asset.h"

namespace lanemq::portal {

AssetPack EmbeddedPages() { return {}; }

}  // namespace lanemq::portal
