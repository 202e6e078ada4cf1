#include "common/rpc/lobby.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace lanemq::rpc {
namespace {

TEST(LobbyTest, OneAddressGetsItsShareAndOthersAreNotHeldUp) {
  const auto lobby = std::make_shared<Lobby>(2, 10);
  Lobby::Place first = lobby->Enter("10.0.0.1");
  const Lobby::Place second = lobby->Enter("10.0.0.1");
  EXPECT_TRUE(first.is_taken());
  EXPECT_TRUE(second.is_taken());
  EXPECT_FALSE(lobby->Enter("10.0.0.1").is_taken());
  EXPECT_TRUE(lobby->Enter("10.0.0.2").is_taken());
  EXPECT_EQ(lobby->size(), 2u) << "that place was given back at once";
  first.Leave();
  first.Leave();
  EXPECT_EQ(lobby->size(), 1u);
  EXPECT_TRUE(lobby->Enter("10.0.0.1").is_taken());
}

TEST(LobbyTest, AllTogetherHaveALimit) {
  const auto lobby = std::make_shared<Lobby>(2, 3);
  std::vector<Lobby::Place> places;
  for (const char* address : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
    places.push_back(lobby->Enter(address));
    EXPECT_TRUE(places.back().is_taken());
  }
  EXPECT_FALSE(lobby->Enter("10.0.0.4").is_taken());
  places.clear();
  EXPECT_EQ(lobby->size(), 0u);
  EXPECT_TRUE(lobby->Enter("10.0.0.4").is_taken());
}

TEST(LobbyTest, ANetworkOfIpv6IsOneAddressAndMappedAddressesAreThoseOfIpv4) {
  const auto lobby = std::make_shared<Lobby>(1, 10);
  const Lobby::Place six = lobby->Enter("2001:db8::1");
  EXPECT_FALSE(lobby->Enter("2001:db8::2").is_taken());
  EXPECT_TRUE(lobby->Enter("2001:db8:0:1::1").is_taken());
  const Lobby::Place four = lobby->Enter("10.0.0.1");
  EXPECT_FALSE(lobby->Enter("::ffff:10.0.0.1").is_taken());
  EXPECT_TRUE(lobby->Enter("::ffff:10.0.0.2").is_taken());
}

TEST(LobbyTest, APlaceThatMovesIsStillOne) {
  const auto lobby = std::make_shared<Lobby>(5, 5);
  Lobby::Place place = lobby->Enter("10.0.0.1");
  Lobby::Place moved = std::move(place);
  EXPECT_TRUE(moved.is_taken());
  EXPECT_EQ(lobby->size(), 1u);
  moved = lobby->Enter("10.0.0.2");
  EXPECT_EQ(lobby->size(), 1u) << "the place before it was given back";
}

}  // namespace
}  // namespace lanemq::rpc
