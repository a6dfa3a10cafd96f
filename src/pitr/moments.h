// The moments at which most was taken from a table: where to look for the instant to go back to.
#pragma once
#include <vector>

#include "archive/history.h"
#include "base/clock.h"

namespace tidemark::pitr {

struct Moment {
  archive::Burst::Kind kind = archive::Burst::Kind::kDelete;
  Bytes access_key;  // who; empty: the server itself
  uint64_t count = 0;
  Timestamp first{}, last{};  // commit times of its first and last change
};

// Of one access key and kind, a moment is a peak minute and the minutes around it, without a pause,
// that have at least a quarter of its count; a burst that the turn of a minute cuts is one. What
// goes on for over an hour and for more than half of [from, until] is load, and left out. The
// largest first, at most `limit`. Pure.
std::vector<Moment> FindMoments(const std::vector<archive::TableHistory::BurstBy>& bursts,
                                Timestamp from, Timestamp until, size_t limit);

}  // namespace tidemark::pitr
