#include "console/pages.h"

#include <algorithm>
#include <string>

#include "codec/gzip.h"
#include "console/assets.h"

namespace tidemark::console {

namespace {

constexpr std::string_view kRoot = "/console/";
constexpr std::string_view kIndex = "index.html";
constexpr size_t kAssetBytesMax = 16 << 20;

// Scripts, styles and requests of this origin only; nothing inline, nobody may frame it.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

http::Response PlainPage(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  response.body = std::move(text);
  return response;
}

http::Response RedirectToRoot() {
  auto response = PlainPage(302, "The console is at /console/\n");
  response.headers.emplace_back("Location", kRoot);
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

const Asset* FindAsset(std::string_view path) {
  const auto at = std::ranges::lower_bound(kAssets, path, {}, &Asset::path);
  return at != kAssets.end() && at->path == path ? &*at : nullptr;
}

// Whether `list`, such as "gzip, deflate;q=0.5", has `name` and does not weigh it with nothing.
bool Accepts(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto entry = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (!entry.empty() && entry.front() == ' ') entry.remove_prefix(1);
    if (!entry.starts_with(name)) continue;
    entry.remove_prefix(name.size());
    if (entry.empty() || entry == ";q=1") return true;
    if (entry.front() == ' ' || entry.front() == ';')
      return entry.find_first_of("123456789") != entry.npos;
  }
  return false;
}

http::Response Serve(const Asset& asset, const http::Request& request) {
  http::Response response;
  response.headers = {
      {"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"ETag", std::string(asset.etag)},
      {"Vary", "Accept-Encoding"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Content-Security-Policy", std::string(kPolicy)}};
  if (request.Find("if-none-match") == asset.etag) {
    response.status = 304;
    return response;
  }
  response.content_type = asset.content_type;
  if (Accepts(request.Find("accept-encoding").value_or(""), "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = asset.gzipped;
    return response;
  }
  auto plain = codec::Gunzip(asset.gzipped, kAssetBytesMax);
  if (!plain) return PlainPage(500, "this file of the console is damaged\n");
  response.body = std::move(*plain);
  return response;
}

}  // namespace

std::optional<http::Response> Answer(const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (request.path == "/") {
    const bool is_browser =
        request.Find("accept").value_or("").find("text/html") != std::string_view::npos;
    if (is_browser && !kAssets.empty()) return RedirectToRoot();
    return std::nullopt;
  }
  if (request.path == "/console") return RedirectToRoot();
  if (!request.path.starts_with(kRoot)) return std::nullopt;
  if (kAssets.empty()) {
    return PlainPage(404,
                     "This server was built without the console: run ./dev console, then build "
                     "it again.\n");
  }
  const auto path = request.path.substr(kRoot.size());
  const Asset* asset = FindAsset(path.empty() ? kIndex : path);
  // Never the index instead: a script that is answered with HTML fails with a puzzle.
  return asset ? Serve(*asset, request) : PlainPage(404, "The console has no such file.\n");
}

}  // namespace tidemark::console
