// What a request tells policies beside action and resource: condition keys and their values.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::policy {

std::string Lower(std::string_view text);  // ASCII

using Values = std::vector<std::string>;

// Asked only for the keys that some policy names, so an implementation may work them out then. What
// it returns stays valid as long as it does.
class Context {
 public:
  virtual ~Context() = default;
  // `key` in lower case, but for what follows a '/' (tag keys), which is as written. Null: the
  // request has no such key.
  virtual const Values* Find(std::string_view key) const = 0;
  // The request is about whatever values the key has, as a write of a whole table is about all its
  // partition keys: a Deny with a condition on it holds then, an Allow does not.
  virtual bool IsAboutAll(std::string_view) const { return false; }
};

// The form in which Context::Find is asked: names of keys ignore case.
std::string FoldKey(std::string_view key);

// Keys and values given: simulations, tests.
class ContextMap : public Context {
 public:
  void Set(std::string_view key, Values values) { keys_[FoldKey(key)] = std::move(values); }
  const Values* Find(std::string_view key) const override {
    const auto at = keys_.find(key);
    return at == keys_.end() ? nullptr : &at->second;
  }

 private:
  std::map<std::string, Values, std::less<>> keys_;
};

}  // namespace tidemark::policy
