#include "common/rpc/wire/state_names.h"

namespace lanemq::wire {

std::string StateName(idl::TopicState::type state) {
  switch (state) {
    case idl::TopicState::CREATING:
      return "creating";
    case idl::TopicState::ACTIVE:
      return "active";
    case idl::TopicState::DELETING:
      return "deleting";
  }
  return "unknown";
}

std::string StateName(idl::NodeState::type state) {
  switch (state) {
    case idl::NodeState::WRITABLE:
      return "writable";
    case idl::NodeState::CLOSED:
      return "closed";
    case idl::NodeState::DISABLED:
      return "disabled";
  }
  return "unknown";
}

std::string StateName(idl::BrokerState::type state) {
  switch (state) {
    case idl::BrokerState::ACTIVE:
      return "active";
    case idl::BrokerState::DRAINING:
      return "draining";
    case idl::BrokerState::DEAD:
      return "dead";
  }
  return "unknown";
}

}  // namespace lanemq::wire
