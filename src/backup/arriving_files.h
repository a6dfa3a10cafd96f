// Files of a backup that arrive from another server, piece by piece, until they are an image.
//
//   DIR/OFFER            which files, with their sums (peer/copy_message.h); written last
//   DIR/BASE             of changes to an older image: which (a name), "\n", the run they are here
//   DIR/files/NAME       is whole, and as it was offered
//   DIR/files/NAME.part  as much as has arrived
//
// Not thread-safe. Blocking. What a call answers is durable.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "peer/copy_message.h"

namespace tidemark::backup {

class ArrivingFiles {
 public:
  // Makes the directory, or finds it as it was left; anew, if other files were offered then.
  static Result<ArrivingFiles> Begin(const std::string& directory,
                                     std::vector<peer::OfferedFile> files);
  // The same of changes to an image that is here, whose files are linked at once. `name`: of the
  // base, whatever it is called.
  struct Base {
    std::string name, image;  // the latter: its directory
  };
  static Result<ArrivingFiles> BeginChanges(const std::string& directory, const Base& base,
                                            std::vector<peer::OfferedFile> files);
  static Result<ArrivingFiles> Open(const std::string& directory);  // kNotFound: it was not begun

  // Links files that lie in one of these directories already, read whole and compared. False: it
  // took until `until`, and there is more to look at.
  Result<bool> LinkFrom(const std::vector<std::string>& images,
                        std::chrono::steady_clock::time_point until) const;
  std::vector<peer::LackedFile> Lacked() const;

  // How much of the file is there then. What does not begin there is not taken; a file that is
  // complete and not as it was offered is dropped: 0. kValidation: no such file, or too much of it.
  Result<uint64_t> Put(std::string_view name, uint64_t offset, BytesView bytes) const;

  const std::string& base() const { return base_; }  // empty: there is none
  std::string Fingerprint() const;                   // bytes; of the base and of what was offered
  // Links all files, KEYS too, into a directory, made anew; nothing is lacked.
  Result<void> LinkInto(const std::string& image) const;
  std::string files_directory() const { return directory_ + "/files"; }

 private:
  ArrivingFiles(std::string directory, std::vector<peer::OfferedFile> files)
      : directory_(std::move(directory)), files_(std::move(files)) {}
  std::string PathOf(std::string_view name) const;
  std::string PartOf(std::string_view name) const { return PathOf(name) + ".part"; }
  Result<uint64_t> Complete(const peer::OfferedFile& file) const;

  std::string directory_;
  std::vector<peer::OfferedFile> files_;
  std::string base_, changes_name_;  // the latter: what the changes' file is called here
};

}  // namespace tidemark::backup
