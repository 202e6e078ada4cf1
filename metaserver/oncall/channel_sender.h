#pragma once

#include <atomic>
#include <span>
#include <string>

#include "common/base/clock.h"
#include "common/core/alert/alert_types.h"
#include "metaserver/oncall/http_sender.h"
#include "metaserver/oncall/message_bodies.h"
#include "metaserver/oncall/transfer.h"

namespace lanemq::metaserver {

/// Tells channels things. Implementations: CurlChannelSender, and those of tests.
/// Thread safety: every method from any thread.
class ChannelSender {
 public:
  virtual ~ChannelSender() = default;
  /// One notice, to a channel of any type. Blocks until it is known how it went, or the time is up.
  virtual Delivery Send(const core::AlertChannel& channel, const NoticeText& text) = 0;
  /// The state of alerts, to a channel of type Alertmanager: repeated calls are harmless.
  virtual Delivery SendStates(const core::AlertChannel& channel, std::string body) = 0;
  /// A sign of life to a service outside that misses it.
  virtual Delivery Beat(const std::string& url, std::string body) = 0;
  /// What is being sent ends soon, as not delivered; for good.
  virtual void Abort() {}
};

/// Over HTTP and SMTP.
class CurlChannelSender final : public ChannelSender {
 public:
  struct Options {
    TransferSettings transfer;  ///< Its is_stopping is set here.
    /// Channels name files in it; empty: they may have no secrets.
    std::string secrets_dir;
  };
  CurlChannelSender(Options options, const Clock& clock);
  CurlChannelSender(const CurlChannelSender&) = delete;
  CurlChannelSender& operator=(const CurlChannelSender&) = delete;
  Delivery Send(const core::AlertChannel& channel, const NoticeText& text) override;
  Delivery SendStates(const core::AlertChannel& channel, std::string body) override;
  Delivery Beat(const std::string& url, std::string body) override;
  void Abort() override { is_stopping_ = true; }

 private:
  std::atomic<bool> is_stopping_{false};
  const Options options_;
  const Clock& clock_;
};

/// What the file holds, without the newline at its end. `name` is of [A-Za-z0-9._-] and does not
/// begin with a dot: whoever may set channels must not have other files of this machine sent to
/// him. At most 4 KiB, one line. "" for the name "". kInvalidConfig says what is wrong, and never
/// what is in it.
Result<std::string> ReadSecret(const std::string& dir, const std::string& name);

/// What Alertmanager's POST /api/v2/alerts takes. Labels: alertname, kind, subject, severity,
/// owner, cluster; annotations: summary, cause, incident, runbook. Firing ones end at `ends_at`
/// unless they are told again.
[[nodiscard]] std::string AlertmanagerBody(std::span<const core::Alert> alerts,
                                           const std::string& runbook_url,
                                           const std::string& cluster, WallTime ends_at);

}  // namespace lanemq::metaserver
