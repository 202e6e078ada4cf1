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

/// The newest book, and its tokens of people alone, as they are sent, made once each: a thousand
/// servers ask for the same.
/// Thread safety: every method from any thread.
class BookReplies {
 public:
  [[nodiscard]] std::shared_ptr<const idl::AccessBookResponse> Of(
      const std::shared_ptr<const core::AccessBook>& book);
  /// For who has the rest.
  [[nodiscard]] std::shared_ptr<const idl::AccessBookResponse> PeopleTokensOf(
      const std::shared_ptr<const core::AccessBook>& book);

 private:
  Mutex mutex_;
  std::shared_ptr<const core::AccessBook> book_ LANEMQ_GUARDED_BY(mutex_);
  std::shared_ptr<const idl::AccessBookResponse> reply_ LANEMQ_GUARDED_BY(mutex_);
  std::shared_ptr<const core::AccessBook> people_book_ LANEMQ_GUARDED_BY(mutex_);
  std::shared_ptr<const idl::AccessBookResponse> people_reply_ LANEMQ_GUARDED_BY(mutex_);
};

/// Whether all of the book but its tokens of people is what the asker has.
[[nodiscard]] bool HasRights(const core::AccessBook& book, const idl::AccessBookRequest& request);

/// accessBook for whoever has another book or none: as TellBook(), without what he has.
Result<std::shared_ptr<const idl::AccessBookResponse>> WholeBook(
    Services& services, BookReplies& replies, const idl::AccessBookRequest& request);

}  // namespace lanemq::metaserver
