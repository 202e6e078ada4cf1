#pragma once

#include "access_types.h"
#include "common/base/result.h"
#include "common/core/access/access_book.h"

namespace lanemq::metaserver {

/// The reply to accessBook. Whoever has a book asks whether there is a newer one, which only the
/// metadata database knows: unless it has just confirmed `book` (`is_fresh`), kMetadataUnavailable.
/// Whoever has none is better off with the last one.
Result<idl::AccessBookResponse> TellBook(const core::AccessBook& book, bool is_fresh,
                                         const idl::AccessBookRequest& request);

}  // namespace lanemq::metaserver
