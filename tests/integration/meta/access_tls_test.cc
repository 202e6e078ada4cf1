// A metaserver that speaks TLS: what is said is for it alone, and certificates may say who is
// there.
#include <gmock/gmock.h>

#include "common/rpc/access_client.h"
#include "common/rpc/test_certificates.h"
#include "common/rpc/tls.h"
#include "tests/integration/meta/access_rig.h"

namespace lanemq::testing {
namespace {

class AccessTlsTest : public AccessTest {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
    const rpc::test::CertifiedKey own = authority_.Issue({});
    ca_file_ = files_.Write("ca.pem", authority_.certificate());
    meta_ = std::make_unique<MetaProcess>(
        *server_, prefix_,
        std::vector<std::string>{
            "--auth=token", "--setup-token-file=" + TokenFile(),
            "--tls-certificate-file=" + files_.Write("own.pem", own.certificate),
            "--tls-key-file=" + files_.Write("own.key", own.key),
            "--tls-client-ca-file=" + ca_file_, "--ca-file=" + ca_file_});
    ASSERT_TRUE(meta_->WaitReady());
    tokens_["setup"] = ReadToken();
  }

  /// A client that trusts the authority; with `token`, or with a certificate of `service`.
  rpc::ClientOptions Client(const std::string& token, const std::string& service = "") const {
    rpc::TlsClientOptions tls;
    tls.ca_file = ca_file_;
    if (!service.empty()) {
      const rpc::test::CertifiedKey key =
          authority_.Issue({.names = {"URI:lanemq:service/" + service}});
      tls.certificate_file = files_.Write(service + ".pem", key.certificate);
      tls.key_file = files_.Write(service + ".key", key.key);
    }
    auto made = rpc::TlsClient::Make(tls);
    EXPECT_TRUE(made.ok()) << made.error().ToString();
    rpc::ClientOptions options;
    if (made.ok()) options.tls = *made;
    if (!token.empty()) options.token = [token] { return token; };
    return options;
  }
  Result<idl::MetadataResponse> Metadata(rpc::ClientOptions options) const {
    rpc::RpcClient client(std::move(options));
    return rpc::ControlPlaneClient(client).MetadataSync(meta_->endpoint(), idl::MetadataRequest{},
                                                        MetaProcess::Soon());
  }
  void PutService(const std::string& name, bool is_disabled) const {
    rpc::RpcClient client(Client(tokens_.at("setup")));
    idl::PutServiceRequest request;
    request.definition.name = name;
    request.definition.__set_kind("operator");
    request.definition.__set_disabled(is_disabled);
    const auto put =
        rpc::AccessClient(client).PutServiceSync(meta_->endpoint(), request, MetaProcess::Soon());
    ASSERT_TRUE(put.ok()) << put.error().ToString();
  }

  rpc::test::TestAuthority authority_;
  rpc::test::PemFolder files_;
  std::string ca_file_;
};
INSTANTIATE_TEST_SUITE_P(On, AccessTlsTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(AccessTlsTest, ATokenIsTakenOverTlsAndNothingIsServedInPlain) {
  const auto served = Metadata(Client(tokens_["setup"]));
  EXPECT_TRUE(served.ok()) << served.error().ToString();
  const auto refused = Metadata(Client(""));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kAuthenticationFailed);

  rpc::ClientOptions plain;
  plain.token = [this] { return tokens_["setup"]; };
  EXPECT_FALSE(Metadata(plain).ok());
  rpc::ClientOptions stranger = Client(tokens_["setup"]);
  const rpc::test::TestAuthority other("another authority");
  auto tls = rpc::TlsClient::Make({.ca_file = files_.Write("other.pem", other.certificate())});
  ASSERT_TRUE(tls.ok());
  stranger.tls = *tls;
  EXPECT_FALSE(Metadata(stranger).ok());
}

TEST_P(AccessTlsTest, ACertificateOfTheAuthoritySaysWhoIsThere) {
  const auto unknown = Metadata(Client("", "ops"));
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kAuthenticationFailed);
  PutService("ops", false);
  const auto known = Metadata(Client("", "ops"));
  EXPECT_TRUE(known.ok()) << known.error().ToString();

  rpc::RpcClient client(Client("", "ops"));
  idl::ExplainAccessRequest request;
  request.kind = "cluster";
  request.action = "operate";
  const auto may =
      rpc::AccessClient(client).ExplainAccessSync(meta_->endpoint(), request, MetaProcess::Soon());
  ASSERT_TRUE(may.ok()) << may.error().ToString();
  EXPECT_TRUE(may->is_allowed) << may->because;
  PutService("ops", true);
  EXPECT_FALSE(Metadata(Client("", "ops")).ok());
}

}  // namespace
}  // namespace lanemq::testing
