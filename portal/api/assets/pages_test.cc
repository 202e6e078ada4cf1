#include "portal/api/assets/pages.h"

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

namespace lanemq::portal {
namespace {

// Three files: bytes 0..4 the document, 5..9 a script, 10..11 and 12..14 the same compressed.
constexpr std::array<Asset, 3> kAssets{
    {{.path = "/assets/index-1a.js",
      .type = "text/javascript",
      .hash = "aa",
      .identity = {5, 5},
      .gzip = {10, 2},
      .brotli = {12, 3}},
     {.path = "/favicon.svg", .type = "image/svg+xml", .hash = "bb", .identity = {15, 3}},
     {.path = "/index.html",
      .type = "text/html; charset=utf-8",
      .hash = "cc",
      .identity = {0, 5}}}};
constexpr std::string_view kBytes = "<doc>jssrcGZBRTsvg";

HttpReply Ask(const std::string& path,
              std::vector<std::pair<std::string, std::string>> headers = {}) {
  const Pages pages({kBytes, kAssets});
  return pages.Serve({.method = "GET", .target = path, .headers = std::move(headers)}, path);
}

std::string HeaderOf(const HttpReply& reply, std::string_view name) {
  const auto found = std::ranges::find(reply.headers, name, [](const auto& h) { return h.first; });
  return found == reply.headers.end() ? "" : found->second;
}

TEST(PagesTest, AFileIsServedByItsPath) {
  const HttpReply reply = Ask("/favicon.svg");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "svg");
  EXPECT_EQ(HeaderOf(reply, "Content-Type"), "image/svg+xml");
  EXPECT_EQ(HeaderOf(reply, "Content-Encoding"), "");
}

TEST(PagesTest, APathOfAPageIsTheDocument) {
  for (const char* path : {"/", "/topics", "/topics/billing.invoices", "/index.html"}) {
    const HttpReply reply = Ask(path);
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(reply.body, "<doc>") << path;
    EXPECT_EQ(HeaderOf(reply, "Cache-Control"), "no-cache") << path;
  }
}

TEST(PagesTest, AFileOfAnotherVersionIsNotTheDocument) {
  EXPECT_EQ(Ask("/assets/index-0f.js").status, 404);
  EXPECT_EQ(Ask("/.well-known/security.txt").status, 404);
}

TEST(PagesTest, FilesWithTheirHashInTheNameAreKeptForEver) {
  EXPECT_EQ(HeaderOf(Ask("/assets/index-1a.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
}

TEST(PagesTest, ItIsCompressedAsTheClientLikes) {
  const auto of = [](const char* accepted) {
    const HttpReply reply = Ask("/assets/index-1a.js", {{"accept-encoding", accepted}});
    EXPECT_EQ(HeaderOf(reply, "Vary"), "Accept-Encoding");
    return HeaderOf(reply, "Content-Encoding") + ":" + reply.body;
  };
  EXPECT_EQ(of("gzip, deflate, br, zstd"), "br:BRT");
  EXPECT_EQ(of("gzip, deflate"), "gzip:GZ");
  EXPECT_EQ(of("BR;q=0, GZIP;q=0.5"), "gzip:GZ");
  EXPECT_EQ(of("*"), "br:BRT");
  EXPECT_EQ(of("identity"), ":jssrc");
  EXPECT_EQ(of("brotli"), ":jssrc");
}

TEST(PagesTest, BytesThatTheClientHasAreNotSentAgain) {
  const HttpReply first = Ask("/assets/index-1a.js", {{"accept-encoding", "br"}});
  const std::string tag = HeaderOf(first, "ETag");
  EXPECT_EQ(tag, "\"aa-br\"");
  const HttpReply again =
      Ask("/assets/index-1a.js", {{"accept-encoding", "br"}, {"if-none-match", "\"x\", W/" + tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(HeaderOf(again, "ETag"), tag);
  // The same file in another coding is other bytes.
  EXPECT_EQ(Ask("/assets/index-1a.js", {{"if-none-match", tag}}).status, 200);
}

TEST(PagesTest, ThePolicyAllowsNothingFromElsewhereAndNothingInline) {
  const std::string policy = HeaderOf(Ask("/"), "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(policy.find("http"), std::string::npos);
}

TEST(PagesTest, AProgramWithoutPagesHasNone) {
  const Pages none({});
  EXPECT_FALSE(none.has_any());
  EXPECT_EQ(none.Serve({}, "/").status, 404);
  EXPECT_TRUE(Pages({kBytes, kAssets}).has_any());
}

TEST(PagesTest, TheEmbeddedFilesAreInOrderAndWithinTheirPack) {
  const AssetPack pack = EmbeddedPages();
  EXPECT_TRUE(std::ranges::is_sorted(pack.assets, {}, &Asset::path));
  for (const Asset& asset : pack.assets) {
    for (const AssetSlice slice : {asset.identity, asset.gzip, asset.brotli}) {
      EXPECT_LE(std::size_t{slice.offset} + slice.size, pack.bytes.size()) << asset.path;
    }
    EXPECT_GT(asset.identity.size, 0U) << asset.path;
  }
  if (pack.assets.empty()) GTEST_SKIP() << "built without pages (LANEMQ_BUILD_PAGES=OFF)";
  const HttpReply index = Pages(pack).Serve({}, "/");
  EXPECT_EQ(index.body.substr(0, 15), "<!doctype html>");
}

}  // namespace
}  // namespace lanemq::portal
