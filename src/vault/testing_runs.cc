#include "vault/testing_runs.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

constexpr std::chrono::seconds kRemoveAgain{10};
constexpr std::chrono::days kCompareWithin{1};

bool StandsAlready(Validation validation) {
  return validation == Validation::kSuccessful || validation == Validation::kFailed ||
         validation == Validation::kTimedOut;
}

Result<void> EditTest(VaultStore& store, const RestoreTestRecord& test,
                      const std::function<Result<void>(RestoreTestRecord&)>& edit) {
  return store.Apply([&]() -> Result<Changes> {
    const auto newest = store.Find<RestoreTestRecord>(PlaceOf(test), test.job_id);
    if (!newest) return Changes{};  // erased meanwhile
    RestoreTestRecord edited = *newest;
    TM_TRYV(edit(edited));
    if (edited == *newest) return Changes{};
    return Changes{std::move(edited)};
  });
}

}  // namespace

Result<void> PutValidation(const VaultScope& scope, std::string_view job_id, Validation validation,
                           const std::string& message) {
  const auto job = scope.store.Find<RestoreJobRecord>(scope.place, job_id);
  if (!job) return FailWith(Fault::kNotFound, "Restore job {} does not exist", job_id);
  const auto test = TestOf(scope.store, *job);
  if (!test) {
    return FailWith(Fault::kInvalidRequest, "Restore job {} was not made by a restore testing plan",
                    job_id);
  }
  return EditTest(scope.store, *test, [&](RestoreTestRecord& record) -> Result<void> {
    if (StandsAlready(record.validation)) {
      return FailWith(Fault::kInvalidRequest, "The validation of restore job {} is {} already",
                      job_id, ToString(record.validation));
    }
    if (record.validation == Validation::kNone || record.kept_hours == 0 ||
        scope.now >= record.keep_until) {
      return FailWith(Fault::kInvalidRequest,
                      "The validation window of restore job {} is not open: it is for selections "
                      "with ValidationWindowHours, from the end of the restore on",
                      job_id);
    }
    record.validation = validation;
    record.message = message;
    // Nobody needs the table any longer.
    if (StandsAlready(validation)) record.keep_until = scope.now;
    return {};
  });
}

bool RestoreTests::HasWork() const {
  return std::ranges::any_of(store_.Open<RestoreTestRecord>(), [&](const auto& test) {
    return test->removal != Removal::kFailed &&
           (test->keep_until == Timestamp{} || !test->is_compared);
  });
}

void RestoreTests::Step(const std::function<Timestamp(const Region&)>& now) {
  for (const auto& test : store_.Open<RestoreTestRecord>()) {
    const auto waits = waits_.find(test->job_id);
    if (waits != waits_.end() && std::chrono::steady_clock::now() < waits->second) continue;
    Go(test, now(test->region));
  }
}

// As far as it comes at once.
void RestoreTests::Go(Ptr<RestoreTestRecord> test, Timestamp now) {
  while (test && test->IsOpen()) {
    if (auto done = StepOne(*test, now); !done) {
      LogWarn("the test of restore job {} tries again: {}", test->job_id, done.error().message);
      waits_[test->job_id] = std::chrono::steady_clock::now() + kRemoveAgain;
      return;
    }
    auto after = store_.Find<RestoreTestRecord>(PlaceOf(*test), test->job_id);
    if (after == test) return;
    test = std::move(after);
  }
}

Result<void> RestoreTests::StepOne(const RestoreTestRecord& test, Timestamp now) {
  const auto job = store_.Find<RestoreJobRecord>(PlaceOf(test), test.job_id);
  if (job && job->IsOpen()) return {};
  const bool restored = job && job->status == RestoreJobStatus::kCompleted;
  if (test.keep_until == Timestamp{}) {
    // Of a restore that failed there is no table, or it is removed.
    return EditTest(store_, test, [&](RestoreTestRecord& record) -> Result<void> {
      if (job) record.table = job->table;
      record.keep_until = now;
      if (!restored) {
        record.is_compared = true;
        if (!catalog_.FindTable(record.table)) record.ended = now;
        return {};
      }
      record.took = job->completed - job->created;
      record.validation = Validation::kValidating;
      record.keep_until = job->completed + std::chrono::hours(record.kept_hours);
      return {};
    });
  }
  RestoreTestRecord next = test;
  if (!next.is_compared && !(job && Compare(*job, &next))) {
    const auto looked = std::chrono::steady_clock::now();
    const auto since = compares_.try_emplace(test.job_id, looked).first->second;
    if (job && looked < since + kCompareWithin) return {};
    next.is_compared = true;
    next.validation = Validation::kFailed;
    next.message = "The restored table could not be compared; the server's log says why.";
  }
  if (next.is_compared) compares_.erase(test.job_id);
  if (next.is_compared && now >= next.keep_until) {
    if (next.validation == Validation::kValidating) {
      next.validation = Validation::kTimedOut;
      next.message += " Nobody put a result before the validation window was over.";
    }
    if (next.removal == Removal::kNone) {
      next.removal = Removal::kDeleting;
    } else {
      Remove(&next, now);
    }
  }
  return EditTest(store_, test, [&](RestoreTestRecord& record) -> Result<void> {
    if (record != test) return {};  // a result was put meanwhile: again
    record = next;
    return {};
  });
}

bool RestoreTests::Compare(const RestoreJobRecord& job, RestoreTestRecord* test) const {
  using restore::Verification;
  const auto report = reports_.Find(job.table);
  if (report && report->verification == Verification::kPending && catalog_.FindTable(job.table))
    return false;
  test->is_compared = true;
  test->is_alike = report && report->verification == Verification::kPassed;
  test->is_late = test->objective > Micros(0) && test->took > test->objective;
  const bool good = test->is_alike && !test->is_late;
  if (good && StandsAlready(test->validation)) return true;  // a result was put
  test->validation = Validation::kFailed;
  if (test->is_alike) {
    test->message = fmt::format(
        "The restored table has the {} items that the recovery point recorded, with the same "
        "content hash.",
        report->items);
  } else if (report && report->verification == Verification::kFailed) {
    test->message = "The restored table differs from the recovery point: " + report->difference;
  } else {
    test->message = "The restored table was gone before it could be compared.";
  }
  if (test->is_late) {
    test->message = fmt::format("The restore took {} s, longer than the objective of {} s. ",
                                SecondsText(test->took), SecondsText(test->objective)) +
                    test->message;
  }
  // With a window, it is for the user to say that all is well.
  if (good)
    test->validation = test->kept_hours > 0 ? Validation::kValidating : Validation::kSuccessful;
  return true;
}

void RestoreTests::Remove(RestoreTestRecord* test, Timestamp now) {
  const auto table = catalog_.FindTable(test->table);
  const bool marked = !table || std::ranges::any_of(table->tags, [](const auto& tag) {
    return tag.key == kTestTableTag;
  });
  if (!marked) {
    test->removal = Removal::kFailed;
    test->removal_message = fmt::format(
        "Table {} stays: its tag {} has been taken off. Delete it when it is not needed any more.",
        table->name, kTestTableTag);
    test->ended = now;
    return;
  }
  const auto dropped = table ? drop_(test->table) : Result<void>();
  if (dropped || dropped.error().kind == ErrorKind::kResourceNotFound) {
    test->removal = Removal::kSuccessful;
    test->removal_message.clear();
    test->ended = now;
    waits_.erase(test->job_id);
    return;
  }
  test->removal = Removal::kFailed;
  test->removal_message =
      fmt::format("Table {} is still to be removed: {}", table->name, dropped.error().message);
  waits_[test->job_id] = std::chrono::steady_clock::now() + kRemoveAgain;
}

void RestoreTests::Forget() {
  std::map<std::string, Timestamp> newest;     // of each table
  std::vector<Ptr<RestoreTestRecord>> untold;  // whose jobs are forgotten
  for (const auto& test : store_.All<RestoreTestRecord>()) {
    if (test->IsOpen()) continue;
    Timestamp& known = newest[test->table_arn];
    known = std::max(known, test->created);
    if (!store_.Find<RestoreJobRecord>(PlaceOf(*test), test->job_id)) untold.push_back(test);
  }
  if (untold.empty()) return;   // nearly always
  std::set<std::string> there;  // tables
  for (const auto& table : catalog_.AllTables()) there.insert(table->Arn());
  for (const auto& test : untold) {
    if (test->created == newest[test->table_arn] && there.contains(test->table_arn)) continue;
    const auto erased =
        store_.Apply([&]() -> Result<Changes> { return Changes{Erase{PathOf(*test)}}; });
    if (!erased) {
      LogWarn("the test of restore job {} is still to be forgotten: {}", test->job_id,
              erased.error().message);
    }
  }
}

}  // namespace tidemark::vault
