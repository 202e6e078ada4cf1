#pragma once

#include "client/src/consumer/consumer_impl.h"

namespace lanemq::client {

/// What the Runner needs of a consumer and applications do not.
class ConsumerAccess {
 public:
  using Impl = Consumer::Impl;
  static Impl& Of(Consumer& consumer) { return *consumer.impl_; }
};

}  // namespace lanemq::client
