// `tidemark inspect log`: what a commit log consists of, every frame of it checked.
#include "log/inspect.h"

#include <cstdio>
#include <memory>

#include "codec/json_writer.h"
#include "server/commands/command.h"
#include "server/commands/offline_logs.h"
#include "server/commands/text.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

struct InspectOptions {
  std::string data = Config{}.data;
  std::string region;
  std::string output = "text";
  bool frames = false;
};

struct Inspected {
  OfflineLog log;
  log::LogReport report;
  std::vector<log::FrameReport> frames;  // if asked for
};

void ShowText(const Inspected& inspected) {
  const log::LogReport& report = inspected.report;
  fmt::print("{}: log {}, {} segments\n", inspected.log.region, report.log_id,
             report.segments.size());
  fmt::print("  {:>8}  {:<10} {:>9} {:>10}  {:<27}  {:<27}\n", "segment", "condition", "frames",
             "used", "first commit", "last commit");
  for (const auto& segment : report.segments) {
    const bool empty = segment.frames == 0;
    fmt::print("  {:>8}  {:<10} {:>9} {:>10}  {:<27}  {:<27}\n", segment.number,
               log::ToString(segment.condition), segment.frames, BytesText(segment.end),
               InstantText(empty ? Timestamp{} : segment.first_commit),
               InstantText(empty ? Timestamp{} : segment.last_commit));
    if (!segment.detail.empty()) fmt::print("            {}\n", segment.detail);
  }
  for (const auto& frame : inspected.frames) {
    fmt::print("  frame at segment {}, offset {}: {} bytes, committed {} to {}, written {}\n",
               frame.position.segment, frame.position.offset, frame.payload_bytes,
               InstantText(frame.first_commit), InstantText(frame.last_commit),
               InstantText(frame.wall));
  }
  for (const auto& range : report.damage)
    fmt::print("  damage{}: {}\n", range.accepted ? ", accepted" : "", range.what);
}

void WritePosition(std::string_view key, log::Position position, codec::JsonWriter* w) {
  w->Key(key).BeginObject();
  w->Field("segment", int64_t{position.segment}).Field("offset", int64_t{position.offset});
  w->EndObject();
}

void WriteSegment(const log::SegmentReport& segment, codec::JsonWriter* w) {
  w->BeginObject();
  w->Field("segment", int64_t{segment.number});
  w->Field("file", segment.file);
  w->Field("condition", log::ToString(segment.condition));
  if (!segment.detail.empty()) w->Field("detail", segment.detail);
  w->Field("frames", static_cast<int64_t>(segment.frames));
  w->Field("used_bytes", int64_t{segment.end});
  w->Field("file_bytes", static_cast<int64_t>(segment.file_bytes));
  if (segment.frames > 0) {
    w->Field("first_commit", InstantText(segment.first_commit));
    w->Field("last_commit", InstantText(segment.last_commit));
  }
  w->EndObject();
}

void WriteFrame(const log::FrameReport& frame, codec::JsonWriter* w) {
  w->BeginObject();
  WritePosition("position", frame.position, w);
  w->Field("first_commit", InstantText(frame.first_commit));
  w->Field("last_commit", InstantText(frame.last_commit));
  w->Field("wall", InstantText(frame.wall));
  w->Field("payload_bytes", static_cast<int64_t>(frame.payload_bytes));
  w->EndObject();
}

void WriteJson(const Inspected& inspected, bool frames, codec::JsonWriter* w) {
  w->BeginObject();
  w->Field("region", inspected.log.region);
  w->Field("log_id", std::to_string(inspected.report.log_id));
  w->Key("segments").BeginArray();
  for (const auto& segment : inspected.report.segments) WriteSegment(segment, w);
  w->EndArray();
  if (frames) {
    w->Key("frames").BeginArray();
    for (const auto& frame : inspected.frames) WriteFrame(frame, w);
    w->EndArray();
  }
  w->Key("damage").BeginArray();
  for (const auto& range : inspected.report.damage) {
    w->BeginObject();
    WritePosition("from", range.from, w);
    WritePosition("to", range.to, w);
    w->Field("what", range.what).FieldBool("accepted", range.accepted);
    w->EndObject();
  }
  w->EndArray();
  w->EndObject();
}

ExitCode InspectLogs(const InspectOptions& options) {
  auto logs = OfflineLogs::Open(options.data, options.region);
  if (!logs) return Complain(logs.error());
  std::string json;
  codec::JsonWriter w(&json);
  w.BeginArray();
  bool damaged = false;
  for (const auto& log : (*logs)->all()) {
    Inspected inspected{.log = log, .report = {}, .frames = {}};
    const auto keep = [&](const log::FrameReport& frame) { inspected.frames.push_back(frame); };
    auto report = options.frames ? log::InspectLog(log.directory, (*logs)->keys(), keep)
                                 : log::InspectLog(log.directory, (*logs)->keys());
    if (!report) return Complain(WithContext(report.error(), "the commit log of {}", log.region));
    inspected.report = std::move(*report);
    for (const auto& range : inspected.report.damage) damaged |= !range.accepted;
    if (options.output == "json") {
      WriteJson(inspected, options.frames, &w);
    } else {
      ShowText(inspected);
    }
  }
  w.EndArray();
  if (options.output == "json") fmt::print("{}\n", json);
  return damaged ? kExitFailed : kExitOk;
}

}  // namespace

Subcommand AddInspect(Command app) {
  Command inspect =
      app.Add("inspect", "Look at what a data directory consists of, while no server runs on it");
  Command command =
      inspect.Add("log", "Check every frame of the commit logs; ends with 1 if one is damaged");
  const auto options =
      std::make_shared<InspectOptions>();  // shared: by the parser and by what runs
  AddDataOption(command, &options->data, "data directory");
  command.Text("--region", &options->region, "only of this Region, or of _system");
  command.Flag("--frames", &options->frames, "list every frame");
  command.Text("--output", &options->output, "text or json").OneOf({"text", "json"});
  return {inspect, [options] { return InspectLogs(*options); }};
}

}  // namespace tidemark::server
