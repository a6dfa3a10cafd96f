#include "vault/frameworks.h"

#include <set>

#include "vault/audit_names.h"
#include "vault/controls.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

// Of an account and Region.
constexpr size_t kFrameworksMax = 15;
constexpr size_t kControlsMax = 50;

Result<void> CheckFramework(const FrameworkRecord& framework) {
  TM_TRYV(CheckAuditName("FrameworkName", framework.name));
  if (framework.controls.empty())
    return FailWith(Fault::kInvalidParameter, "FrameworkControls must name one control at least");
  std::set<std::string> names;
  for (const Control& control : framework.controls) {
    TM_TRYV(CheckControl(control));
    if (!names.insert(control.name).second)
      return FailWith(Fault::kInvalidParameter, "Control {} is named twice", control.name);
  }
  Tags tags;
  return AddTags(framework.tags, &tags);
}

// Of the frameworks there are, and this one.
Result<void> CheckControlCount(const VaultScope& scope, const FrameworkRecord& framework) {
  size_t count = framework.controls.size();
  for (const auto& one : scope.store.List<FrameworkRecord>(scope.place)) {
    if (one->name != framework.name) count += one->controls.size();
  }
  if (count <= kControlsMax) return {};
  return FailWith(Fault::kLimitExceeded, "The frameworks of a Region can have {} controls",
                  kControlsMax);
}

bool IsMadeBySame(FrameworkRecord made, const FrameworkRecord& wanted) {
  made.uuid = wanted.uuid;
  made.created = wanted.created;
  return !wanted.token.empty() && made == wanted;
}

}  // namespace

Result<Ptr<FrameworkRecord>> FindFramework(const VaultScope& scope, std::string_view name) {
  if (auto framework = scope.store.Find<FrameworkRecord>(scope.place, name)) return framework;
  return FailWith(Fault::kNotFound, "Framework {} does not exist", name);
}

Ptr<FrameworkRecord> FindFrameworkByArn(const VaultScope& scope, std::string_view arn) {
  for (auto& framework : scope.store.List<FrameworkRecord>(scope.place)) {
    if (framework->Arn() == arn) return framework;
  }
  return nullptr;
}

Result<Ptr<FrameworkRecord>> CreateFramework(const VaultScope& scope, FrameworkRecord framework,
                                             Random& random) {
  TM_TRYV(CheckFramework(framework));
  framework.account = scope.place.account;
  framework.region = scope.place.region;
  framework.uuid = FormatUuid(MakeUuidBytes(random));
  framework.created = scope.now;
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    if (const auto old = scope.store.Find<FrameworkRecord>(scope.place, framework.name)) {
      if (IsMadeBySame(*old, framework)) return Changes{};
      return Fail(AuditNameTaken("Framework", old->name, old->Arn()));
    }
    if (scope.store.List<FrameworkRecord>(scope.place).size() >= kFrameworksMax)
      return FailWith(Fault::kLimitExceeded, "There are {} frameworks already", kFrameworksMax);
    TM_TRYV(CheckControlCount(scope, framework));
    return Changes{framework};
  }));
  return FindFramework(scope, framework.name);
}

Result<Ptr<FrameworkRecord>> UpdateFramework(const VaultScope& scope, std::string_view name,
                                             const FrameworkChange& change) {
  TM_TRYV(scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindFramework(scope, name));
    FrameworkRecord framework = *old;
    framework.description = change.description.value_or(framework.description);
    framework.controls = change.controls.value_or(framework.controls);
    TM_TRYV(CheckFramework(framework));
    TM_TRYV(CheckControlCount(scope, framework));
    return Changes{std::move(framework)};
  }));
  return FindFramework(scope, name);
}

Result<void> DeleteFramework(const VaultScope& scope, std::string_view name) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto framework, FindFramework(scope, name));
    return Changes{Erase{PathOf(*framework)}};
  });
}

}  // namespace tidemark::vault
