#include "log/local/repair.h"

#include "log/local/accepted_file.h"
#include "log/local/frame_format.h"
#include "log/local/survey.h"

namespace tidemark::log {

Result<size_t> AcceptDamage(const std::filesystem::path& directory, crypto::DataKeyProvider& keys) {
  Disk disk(/*direct_io=*/true);
  TM_TRY(Survey survey, SurveyLog(disk, keys, directory));
  if (survey.is_empty) {
    return Fail(ErrorKind::kNotFound, "there is no commit log in {}", directory.string());
  }
  Position begin{survey.log_id, survey.first, kBlockBytes};
  std::erase_if(survey.accepted, [&](const AcceptedRange& range) { return range.to <= begin; });
  size_t added = 0;
  for (const DamagedRange& range : survey.damage) {
    if (range.accepted) continue;
    survey.accepted.push_back({.from = range.from, .to = range.to});
    ++added;
  }
  if (added > 0) TM_TRYV(WriteAccepted(directory, survey.log_id, survey.accepted));
  return added;
}

}  // namespace tidemark::log
