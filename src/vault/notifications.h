// Which events of a vault are told, and what is told of them: messages as AWS Backup sends them by
// SNS.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "vault/notification_records.h"
#include "vault/vaults.h"

namespace tidemark::vault {

// Of a vault. kNotFound: there is no such vault, or it tells nothing.
Result<Ptr<NotificationSettingsRecord>> FindNotifications(const VaultScope& scope,
                                                          std::string_view vault);
// Durable. kNotFound (vault), kInvalidParameter.
Result<void> SetNotifications(const VaultScope& scope, NotificationSettingsRecord settings);
Result<void> ClearNotifications(const VaultScope& scope, std::string_view vault);

// Puts notices into the outbox.
class NotificationOutbox {
 public:
  static constexpr size_t kWaitingMax = 10'000;
  // `sinks`: names of those that get each; none: nothing is put there. `now`: of a Region.
  // `waiting_max`: for each sink; what comes then is lost to it.
  NotificationOutbox(std::vector<std::string> sinks, std::function<Timestamp(const Region&)> now,
                     Random& random, size_t waiting_max = kWaitingMax)
      : sinks_(std::move(sinks)),
        now_(std::move(now)),
        random_(random),
        waiting_max_(waiting_max) {}

  // Adds to the changes of an act the notices of what they change, for VaultStore::SetFollow: so a
  // crash neither loses nor doubles them. One of a change, if the vault wants any of its events.
  void Add(const VaultStore& store, Changes* changes) const;

 private:
  std::vector<std::string> Takers(const VaultStore& store) const;

  const std::vector<std::string> sinks_;
  const std::function<Timestamp(const Region&)> now_;
  Random& random_;
  const size_t waiting_max_;
};

}  // namespace tidemark::vault
