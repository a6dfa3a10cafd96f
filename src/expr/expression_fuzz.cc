// All four parsers on one text; what they accept is run on an item which has what the texts of the
// seeds name.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/projection.h"
#include "expr/update.h"

namespace tidemark::expr {
namespace {

item::AttributeValue Number(int64_t value) {
  return item::AttributeValue(item::Number::FromInt(value));
}

struct Fixture {
  Fixture() : names({{"#n", "name"}, {"#d", "a.b"}}) {
    values.Set(":n", Number(1));
    values.Set(":s", item::AttributeValue("s"));
    values.Set(":b", item::AttributeValue(item::Binary{"b"}));
    values.Set(":ss", item::AttributeValue(item::StringSet{{"s", "t"}}));
    values.Set(":t", item::AttributeValue("SS"));
    item::List list;
    list.values = {Number(1), item::AttributeValue("s"), item::AttributeValue(item::Map())};
    values.Set(":l", item::AttributeValue(list));
    item::Map map;
    map.Set("l", item::AttributeValue(list));
    map.Set("x", Number(2));
    item.Set("a", item::AttributeValue(map));
    item.Set("l", item::AttributeValue(list));
    item.Set("n", Number(5));
    item.Set("s", item::AttributeValue(item::StringSet{{"s"}}));
    schema.partition = {"pk", item::Type::kString};
    schema.sort = item::KeyAttribute{"sk", item::Type::kNumber};
  }
  NameList names;
  item::Map values;
  item::Item item;
  item::KeySchema schema;
};

void Run(std::string_view text) {
  static const Fixture fixture;
  Placeholders placeholders(&fixture.names, &fixture.values);
  if (auto condition = Condition::Parse(text, placeholders, "ConditionExpression")) {
    TM_ASSERT(condition->Evaluate(fixture.item).has_value());
    (void)condition->ToString();
  }
  if (auto update = Update::Parse(text, placeholders)) {
    if (auto item = update->Apply(fixture.item)) (void)update->Touched(*item);
    (void)update->Touched(fixture.item);
    (void)update->ToString();
  }
  if (auto projection = Projection::Parse(text, placeholders)) {
    item::Item part = projection->Apply(fixture.item);
    TM_ASSERT(part.size() <= fixture.item.size());
  }
  (void)KeyCondition::Parse(text, placeholders, fixture.schema);
  (void)placeholders.CheckAllUsed();
}

}  // namespace
}  // namespace tidemark::expr

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tidemark::expr::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
