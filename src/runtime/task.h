// Task<T>: a coroutine on an I/O thread that ends in Result<T>.
#pragma once
#include "base/result.h"
#include "runtime/asio.h"

namespace tidemark {

template <class T = void>
using Task = asio::awaitable<Result<T>>;

}  // namespace tidemark
