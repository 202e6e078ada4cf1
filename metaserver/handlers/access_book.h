#pragma once

#include <memory>

#include "access_types.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/access/access_book.h"
#include "metaserver/handlers/services.h"

namespace lanemq::metaserver {

/// The reply to accessBook. Whoever has a book asks whether there is a newer one, which only the
/// metadata database knows: unless it has just confirmed `book` (`is_fresh`), kMetadataUnavailable.
/// Whoever has none is better off with the last one.
Result<idl::AccessBookResponse> TellBook(const core::AccessBook& book, bool is_fresh,
                                         const idl::AccessBookRequest& request);

/// The newest book as it is sent, made once: a thousand servers ask for the same one.
/// Thread safety: every method from any thread.
class BookReplies {
 public:
  [[nodiscard]] std::shared_ptr<const idl::AccessBookResponse> Of(
      const std::shared_ptr<const core::AccessBook>& book);

 private:
  Mutex mutex_;
  std::shared_ptr<const core::AccessBook> book_ LANEMQ_GUARDED_BY(mutex_);
  std::shared_ptr<const idl::AccessBookResponse> reply_ LANEMQ_GUARDED_BY(mutex_);
};

/// accessBook for whoever has another book or none: as TellBook().
Result<std::shared_ptr<const idl::AccessBookResponse>> WholeBook(
    Services& services, BookReplies& replies, const idl::AccessBookRequest& request);

}  // namespace lanemq::metaserver
