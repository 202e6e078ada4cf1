#pragma once

#include "common/core/types/record.h"

namespace lanemq::idl {
class Message;
class StoredMessage;
}  // namespace lanemq::idl

namespace lanemq::wire {

/// The record a producer's message becomes; offset, time, producer and sequence are left at zero.
/// Moves the payload out of `message`.
[[nodiscard]] core::Record FromWire(idl::Message&& message);
/// A producer's message. Copies the payload.
[[nodiscard]] idl::Message ToWireMessage(const core::Record& record);

/// Fills `out` with a stored record, without producer id and sequence. Copies the payload.
void ToWire(const core::Record& record, idl::StoredMessage& out);
/// A record as a consumer sees it. Moves the payload out of `message`.
[[nodiscard]] core::Record FromWire(idl::StoredMessage&& message);

}  // namespace lanemq::wire
