#include "broker/handlers/delayed_page.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lanemq::broker {

using Listed = core::DelayedStore::Listed;

void DelayedPage::Add(std::vector<Listed> listed, bool has_more) {
  if (has_more && (!known_until_ || listed.back().id < *known_until_)) {
    known_until_ = listed.back().id;
  }
  std::ranges::move(listed, std::back_inserter(found_));
}

DelayedPage::Taken DelayedPage::Take() {
  std::ranges::sort(found_, {}, &Listed::id);
  Taken taken;
  std::size_t bytes = 0;
  taken.has_more = known_until_.has_value();
  for (Listed& one : found_) {
    if (taken.messages.size() == messages_max_ || bytes >= bytes_max_ ||
        (known_until_ && *known_until_ < one.id)) {
      taken.has_more = true;
      break;
    }
    bytes += core::SizeOf(*one.record);
    taken.messages.push_back(std::move(one));
  }
  found_.clear();
  known_until_.reset();
  return taken;
}

}  // namespace lanemq::broker
