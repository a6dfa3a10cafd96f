#include "archive/idle_priority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tidemark::archive {
namespace {

// linux/ioprio.h; glibc has no wrapper.
constexpr int kWhoProcess = 1;  // with id 0: the calling thread
constexpr int kClassIdle = 3 << 13;

}  // namespace

void RunWhenIdle() {
  // WHY not SCHED_IDLE: the thread takes locks that others take, of the log's list of segments for
  // one, for some nanoseconds; preempted in there it must get on again soon.
  constexpr int kNicest = 19;
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNicest);
  (void)::syscall(SYS_ioprio_set, kWhoProcess, 0, kClassIdle);
}

}  // namespace tidemark::archive
