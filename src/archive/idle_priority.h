// A thread that must not be felt.
#pragma once

namespace tidemark::archive {

// Gives the calling thread hardly any processor time, and the disk not at all, where others want
// them. Where the system refuses, it stays as it is.
void RunWhenIdle();

}  // namespace tidemark::archive
