// How a recovery window is told to clients.
#pragma once
#include <optional>
#include <string>

#include "catalog/table_record.h"
#include "pitr/window.h"

namespace tidemark::api::dynamodb {

// Most SDKs send times in whole seconds, cutting off the rest, so the window is told in seconds
// that can be sent back: Latest is the last whole one. Earliest is cut down as well, lest a Latest
// in its very second come before it; pitr::Recovery takes any instant from floor(Earliest) on, and
// means Earliest by those before it.
pitr::Window InWholeSeconds(const pitr::Window& window);

// ContinuousBackupsDescription; no window: recovery is off.
std::string ContinuousBackupsAnswer(const catalog::PitrSettings& settings,
                                    const std::optional<pitr::Window>& window);

}  // namespace tidemark::api::dynamodb
