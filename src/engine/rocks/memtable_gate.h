// Who may put writes into a table's memtable: one at a time, so that a position row speaks for
// exactly the writes before it.
//
// One who is inside may have to wait for the disk (a position row while RocksDB stalls writes). He
// says so, and the applier, which must not wait for one sick table, is turned away meanwhile.
#pragma once
#include <condition_variable>
#include <mutex>

namespace tidemark::engine {

class MemtableGate {
 public:
  // Being inside; false if the gate turned one away.
  class Pass {
   public:
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (inside_) gate_.Leave();
    }
    explicit operator bool() const { return inside_; }
    // From here on this one may wait for long.
    void Stall() { gate_.Set(State::kStalled); }

   private:
    friend class MemtableGate;
    Pass(MemtableGate& gate, bool inside) : gate_(gate), inside_(inside) {}
    MemtableGate& gate_;
    bool inside_;
  };

  // Waits until nobody is inside.
  Pass Enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return state_ == State::kFree; });
    state_ = State::kInside;
    return Pass(*this, true);
  }
  // The same, but false while the one inside is stalled.
  Pass EnterUnlessStalled() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return state_ != State::kInside; });
    if (state_ == State::kStalled) return Pass(*this, false);
    state_ = State::kInside;
    return Pass(*this, true);
  }

 private:
  enum class State { kFree, kInside, kStalled };

  void Leave() { Set(State::kFree); }
  void Set(State state) {
    {
      std::lock_guard lock(mutex_);
      state_ = state;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kFree;
};

}  // namespace tidemark::engine
