#include "audit/verify.h"

#include "audit/chain.h"
#include "base/files.h"
#include "crypto/hkdf.h"

namespace tidemark::audit {

crypto::Key256 AuditKey(const crypto::Key256& root) {
  return crypto::Hkdf(root, "", "tidemark audit log");
}

Result<Verified> VerifyLog(const std::string& directory, const crypto::Key256& key) {
  const crypto::HmacKey hmac(key.view());
  // WHY the head first: lines that are appended meanwhile are beyond it.
  TM_TRY(const Bytes head_text, ReadFile(directory + "/" + kHeadFile));
  TM_TRY(const Head head, DecodeHead(hmac, head_text));
  TM_TRY(const auto files, FilesIn(directory));
  Verified found;
  Link link;
  for (const uint64_t first : files) {
    const std::string path = directory + "/" + FileNameOf(first);
    TM_TRY(const Bytes content, ReadFile(path));
    ++found.files;
    std::string_view rest = content;
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      const bool last_file = first == files.back();
      if (end == rest.npos && last_file) break;
      const auto checked = CheckLine(hmac, rest.substr(0, end), found.lines == 0, &link);
      if (!checked) return Fail(WithContext(checked.error(), "{}", path));
      if (found.lines++ == 0) found.first = link.sequence;
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
  }
  found.last = link.sequence;
  if (found.last < head.last.sequence) {
    return Fail(ErrorKind::kCorruption, "the log ends with line {}, but it had {}: {} are missing",
                found.last, head.last.sequence, head.last.sequence - found.last);
  }
  if (found.lines > 0 && found.first > head.first) {
    return Fail(ErrorKind::kCorruption,
                "the log begins with line {}, but it is to begin with {}: lines are missing",
                found.first, head.first);
  }
  return found;
}

}  // namespace tidemark::audit
