#include "common/guard/certificate_watch.h"

#include <gtest/gtest.h>

#include "common/rpc/test_certificates.h"
#include "tests/support/wait_for.h"

namespace lanemq {
namespace {

using lanemq::testing::WaitFor;
using rpc::test::CertificateText;
using std::chrono::milliseconds;
using std::chrono::seconds;

class CertificateWatchTest : public ::testing::Test {
 protected:
  rpc::test::CertifiedKey Of(int days) const {
    CertificateText text;
    text.valid_until_s = days * 86'400L;
    return authority_.Issue(text);
  }
  rpc::TlsServerOptions Write(const std::string& certificate, const std::string& key) const {
    return {.certificate_file = files_.Write("certificate", certificate),
            .key_file = files_.Write("key", key)};
  }

  rpc::test::PemFolder files_;
  rpc::test::TestAuthority authority_;
};

TEST_F(CertificateWatchTest, ANewPairIsTakenAndABadOneLeavesTheOldInPlace) {
  const auto first = Of(3);
  const auto second = Of(30);
  const auto tls = rpc::TlsServer::Make(Write(first.certificate, first.key));
  ASSERT_TRUE(tls.ok()) << tls.error().ToString();
  CertificateWatch watch(*tls, milliseconds(1));
  watch.Start();
  Write(second.certificate, second.key);
  ASSERT_TRUE(WaitFor([&] { return (*tls)->DaysLeft() > 20; }, seconds(10), "the new pair"));
  Write(Of(60).certificate, second.key);  // Which does not fit.
  const auto third = Of(90);
  Write(third.certificate, second.key);
  EXPECT_LT((*tls)->DaysLeft(), 40);
  Write(third.certificate, third.key);
  EXPECT_TRUE(WaitFor([&] { return (*tls)->DaysLeft() > 80; }, seconds(10), "the pair that fits"));
  watch.Stop();
}

TEST_F(CertificateWatchTest, WithoutTlsThereIsNothingToWatch) {
  CertificateWatch watch(nullptr);
  watch.Start();
  watch.Stop();
}

}  // namespace
}  // namespace lanemq
