#pragma once

#include <cstdint>

namespace lanemq::core {

/// What is left out of the protocol, to show that it is missed.
enum class Sabotage : std::int8_t {
  kNone,
  kNoRename,         ///< Seal() leaves the table its name.
  kNoStateCheck,     ///< Commits of offsets do not look at the state.
  kNoTombstone,      ///< Unseal() does not keep a late Seal() of the same move out.
  kNoStateCopy,      ///< The new place is opened before it is whole.
  kSwitchFirst,      ///< The catalogue says the new place before it is opened.
  kDropFirst,        ///< The source is dropped before "opening" is written down.
  kForwardOnCancel,  ///< A cancelled move is opened all the same.
  kNoDiff,           ///< After the seal letters are taken for what they were when copied ahead.
  kNotDisabled,      ///< A data node that is lost for good is not disabled.
  kLateAhead,        ///< Whoever copies ahead does not look whether it is sealed when he writes.
};

}  // namespace lanemq::core
