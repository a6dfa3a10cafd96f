#include "vault/report_files.h"

#include <filesystem>

#include "base/files.h"
#include "base/log.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

constexpr size_t kBucketNameMin = 3, kBucketNameMax = 63;  // the service's
constexpr size_t kPrefixMax = 512;
constexpr size_t kPrefixPartMax = 200;  // file systems take 255
constexpr std::string_view kDigitsAndSmall = "abcdefghijklmnopqrstuvwxyz0123456789";

bool IsBucketName(std::string_view name) {
  constexpr std::string_view kInside = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  return name.size() >= kBucketNameMin && name.size() <= kBucketNameMax &&
         name.find_first_not_of(kInside) == std::string_view::npos &&
         kDigitsAndSmall.find(name.front()) != std::string_view::npos &&
         kDigitsAndSmall.find(name.back()) != std::string_view::npos &&
         name.find("..") == std::string_view::npos;
}

bool IsPrefixPart(std::string_view part) {
  constexpr std::string_view kLegal =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !part.empty() && part.size() <= kPrefixPartMax && part != "." && part != ".." &&
         part.find_first_not_of(kLegal) == std::string_view::npos;
}

bool IsPrefix(std::string_view prefix) {
  for (size_t begin = 0; begin <= prefix.size();) {
    const size_t end = std::min(prefix.find('/', begin), prefix.size());
    if (!IsPrefixPart(prefix.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return prefix.size() <= kPrefixMax;
}

Result<void> RefuseLinks(const std::filesystem::path& directory,
                         const std::filesystem::path& below) {
  std::filesystem::path path = directory;
  for (const auto& part : below) {
    path /= part;
    std::error_code ignored;
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(path, ignored)))
      return Fail(ErrorKind::kValidation, "{} is a symbolic link", path.string());
  }
  return {};
}

Result<void> WriteBelow(const std::string& directory, const std::string& file, BytesView content) {
  const std::string path = directory + "/" + file;
  TM_TRYV(RefuseLinks(directory, file));
  TM_TRYV(RefuseLinks(directory, file + ".new"));  // what it is written to at first
  TM_TRYV(MakeDirectories(ParentDirectory(path)));
  return ReplaceFile(path, content);
}

}  // namespace

Result<void> CheckDelivery(std::string_view bucket, std::string_view prefix) {
  if (!IsBucketName(bucket)) {
    return FailWith(Fault::kInvalidParameter,
                    "S3BucketName must have {} to {} of the characters a-z, 0-9, '.' and '-', "
                    "begin and end with a letter or digit, and have no two '.' in a row: {}",
                    kBucketNameMin, kBucketNameMax, bucket);
  }
  if (prefix.empty() || IsPrefix(prefix)) return {};
  return FailWith(Fault::kInvalidParameter,
                  "S3KeyPrefix must have at most {} characters: parts of letters, digits, '_', '-' "
                  "and '.', with single '/' between them, each of 1 to {} characters and neither "
                  "'.' nor '..': {}",
                  kPrefixMax, kPrefixPartMax, prefix);
}

Result<void> WriteReportFile(const std::string& directory, const std::string& bucket,
                             const std::string& key, BytesView content) {
  const auto written = WriteBelow(directory, bucket + "/" + key, content);
  if (written) return {};
  LogWarn("a report is not written: {}", written.error().message);
  const std::string_view why =
      written.error().kind == ErrorKind::kNoSpace      ? "the server's disk is full"
      : written.error().kind == ErrorKind::kValidation ? "a symbolic link is in the way"
                                                       : "the server's log tells why";
  return Fail(written.error().kind,
              "{} could not be written to bucket {}: {}; ask the server's operator to look at its "
              "report directory, then start the report again",
              key, bucket, why);
}

}  // namespace tidemark::vault
