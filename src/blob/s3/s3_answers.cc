#include "blob/s3/s3_answers.h"

#include <charconv>
#include <pugixml.hpp>

#include "codec/instant.h"
#include "sigv4/uri.h"

namespace tidemark::blob {
namespace {

Unexpected Unreadable(std::string_view what) {
  return Fail(ErrorKind::kSerialization, "the store's answer is no {}", what);
}

// The root element of that name; empty if the body has another, or is no XML. Entities are only
// those of XML itself: pugixml knows no others.
pugi::xml_node Root(pugi::xml_document* document, std::string_view body, const char* name) {
  const auto parsed =
      document->load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8);
  return parsed ? document->child(name) : pugi::xml_node();
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool IsTrue(const pugi::xml_node& node) { return std::string_view(node.child_value()) == "true"; }

}  // namespace

S3Error ParseError(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_node root = Root(&document, body, "Error");
  return {.code = root.child_value("Code"), .message = root.child_value("Message")};
}

Result<ListPage> ParseListing(std::string_view body, std::string_view prefix) {
  pugi::xml_document document;
  const pugi::xml_node root = Root(&document, body, "ListBucketResult");
  if (!root) return Unreadable("listing");
  ListPage page;
  for (const pugi::xml_node& entry : root.children("Contents")) {
    const std::string key = sigv4::DecodeQueryPart(entry.child_value("Key"));
    const auto bytes = ParseNumber(entry.child_value("Size"));
    if (!bytes || !key.starts_with(prefix)) return Unreadable("listing of what was asked for");
    if (key.size() == prefix.size()) continue;  // as other programs mark a folder
    page.blobs.push_back({.name = key.substr(prefix.size()), .bytes = *bytes});
  }
  page.more = IsTrue(root.child("IsTruncated"));
  if (page.more && page.blobs.empty()) return Unreadable("listing that goes on");
  return page;
}

Result<std::string> ParseUploadId(std::string_view body) {
  pugi::xml_document document;
  const std::string id =
      Root(&document, body, "InitiateMultipartUploadResult").child_value("UploadId");
  if (id.empty()) return Unreadable("upload id");
  return id;
}

Result<UploadPage> ParseUploads(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_node root = Root(&document, body, "ListMultipartUploadsResult");
  if (!root) return Unreadable("list of uploads");
  UploadPage page;
  for (const pugi::xml_node& entry : root.children("Upload")) {
    const auto begun = codec::ParseInstant(entry.child_value("Initiated"));
    Upload upload{.key = sigv4::DecodeQueryPart(entry.child_value("Key")),
                  .id = entry.child_value("UploadId")};
    if (!begun || upload.key.empty() || upload.id.empty()) return Unreadable("list of uploads");
    upload.begun = *begun;
    page.uploads.push_back(std::move(upload));
  }
  page.more = IsTrue(root.child("IsTruncated")) && !page.uploads.empty();
  return page;
}

std::optional<Retention> ParseRetention(std::string_view mode, std::string_view until) {
  const auto time = codec::ParseInstant(until);
  if (!time || (mode != "COMPLIANCE" && mode != "GOVERNANCE")) return std::nullopt;
  return Retention{
      .mode = mode == "COMPLIANCE" ? Retention::Mode::kCompliance : Retention::Mode::kGovernance,
      .until = *time};
}

std::optional<uint64_t> ParseTotal(std::string_view content_range) {
  const size_t slash = content_range.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return ParseNumber(content_range.substr(slash + 1));
}

}  // namespace tidemark::blob
