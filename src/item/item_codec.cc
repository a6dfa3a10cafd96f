// item       := version:u8 size:varint attributes     size: by DynamoDB's rules
// attributes := count:varint (name:sized value)*      names strictly ascending
// value      := type:u8 payload                       type: item::Type
// payload    := S, B: sized | N: number | BOOL: u8 0 or 1 | NULL: nothing
//             | SS, BS: count:varint sized* | NS: count:varint number*    strictly ascending
//             | L: count:varint value* | M: attributes
// sized is a varint length and as many bytes; number is Number::AppendStored. Varints are minimal,
// so that an item has one form. docs/formats/item.md.
#include "item/item_codec.h"

#include <algorithm>

#include "codec/base64.h"
#include "codec/json_writer.h"
#include "codec/varint.h"
#include "item/item_size.h"

namespace tidemark::item {
namespace {

constexpr uint8_t kVersion = 1;
// Of reserve() before the elements themselves prove that they are there.
constexpr size_t kTrustedCount = 1024;

// ---- writing

void AppendAttributes(const Map& map, Bytes* out);

struct ValueWriter {
  Bytes* out;

  void operator()(const std::string& text) const { codec::AppendSized(text, out); }
  void operator()(const Number& number) const { number.AppendStored(out); }
  void operator()(const Binary& binary) const { codec::AppendSized(binary.bytes, out); }
  void operator()(bool value) const { codec::AppendU8(value ? 1 : 0, out); }
  void operator()(Null) const {}
  template <class T>
  void Members(const T& set) const {
    codec::AppendVarint(set.values.size(), out);
    for (const auto& value : set.values) (*this)(value);
  }
  void operator()(const StringSet& set) const { Members(set); }
  void operator()(const NumberSet& set) const { Members(set); }
  void operator()(const BinarySet& set) const { Members(set); }
  void operator()(const AttributeValue& value) const {
    codec::AppendU8(static_cast<uint8_t>(value.type()), out);
    std::visit(*this, value.variant());
  }
  void operator()(const List& list) const { Members(list); }
  void operator()(const Map& map) const { AppendAttributes(map, out); }
};

void AppendAttributes(const Map& map, Bytes* out) {
  codec::AppendVarint(map.size(), out);
  const ValueWriter writer{out};
  for (const auto& [name, value] : map) {
    codec::AppendSized(name, out);
    writer(value);
  }
}

// ---- reading

// The pieces both readers are made of. Each takes from the front of `in`; false leaves the reason
// in `broken`. WHY not Result: an Error is a large thing to carry through every byte of the hot
// path.
struct Pieces {
  BytesView in;
  const char* broken = "";

  bool Break(const char* what) {
    broken = what;
    return false;
  }
  Unexpected Corruption() const { return Fail(ErrorKind::kCorruption, "stored item: {}", broken); }

  bool Head(uint64_t* size) {
    uint8_t version;
    if (!codec::ReadU8(&in, &version)) return Break("empty");
    if (version != kVersion) return Break("unknown version");
    return codec::ReadVarint(&in, size) || Break("no size");
  }
  // Short lengths, nearly all there are, take one byte.
  bool Varint(uint64_t* value) {
    if (!in.empty() && static_cast<uint8_t>(in[0]) < 0x80) {
      *value = static_cast<uint8_t>(in[0]);
      in.remove_prefix(1);
      return true;
    }
    return codec::ReadVarint(&in, value);
  }
  bool Sized(BytesView* bytes) {
    uint64_t size;
    if (!Varint(&size) || size > in.size()) return Break("cut short");
    *bytes = in.substr(0, size);
    in.remove_prefix(size);
    return true;
  }
  bool Count(uint64_t* count) {
    // Everything counted takes a byte at least.
    return (Varint(count) && *count <= in.size()) || Break("impossible count");
  }
  bool ValueType(Type* type) {
    uint8_t byte;
    if (!codec::ReadU8(&in, &byte) || byte > static_cast<uint8_t>(Type::kMap)) {
      return Break("unknown type");
    }
    *type = static_cast<Type>(byte);
    return true;
  }
  bool Flag(bool* flag) {
    uint8_t byte;
    if (!codec::ReadU8(&in, &byte) || byte > 1) return Break("bad boolean");
    *flag = byte == 1;
    return true;
  }
  bool Digits(Number* number) { return number->ReadStored(&in) || Break("bad number"); }
  // The next name of a map, which must be above the last.
  bool Name(bool first, BytesView* name) {
    const BytesView last = *name;
    if (!Sized(name)) return false;
    return first || last < *name || Break("attribute names out of order");
  }
};

class Decoder {
 public:
  explicit Decoder(BytesView bytes) : pieces_{bytes} {}

  Result<Item> Decode() {
    uint64_t size;
    Item item;
    if (!pieces_.Head(&size) || !Attributes(&item, 0)) return pieces_.Corruption();
    if (!pieces_.in.empty())
      pieces_.Break("bytes behind its end");
    else if (ItemSize(item) != size)
      pieces_.Break("size does not fit");
    else
      return item;
    return pieces_.Corruption();
  }

 private:
  bool Attributes(Map* map, int depth) {
    uint64_t count;
    if (!pieces_.Count(&count)) return false;
    map->Reserve(std::min(count, kTrustedCount));
    BytesView name;
    for (uint64_t i = 0; i < count; ++i) {
      if (!pieces_.Name(i == 0, &name)) return false;
      if (!Value(&map->Set(name, AttributeValue()), depth)) return false;
    }
    return true;
  }

  bool Member(std::string* text) {
    BytesView bytes;
    if (!pieces_.Sized(&bytes)) return false;
    text->assign(bytes);
    return true;
  }
  bool Member(Binary* binary) { return Member(&binary->bytes); }
  bool Member(Number* number) { return pieces_.Digits(number); }

  // Members in strictly ascending order.
  template <class Set>
  bool Members(Set* set) {
    uint64_t count;
    if (!pieces_.Count(&count)) return false;
    set->values.reserve(std::min(count, kTrustedCount));
    for (uint64_t i = 0; i < count; ++i) {
      if (!Member(&set->values.emplace_back())) return false;
      if (i > 0 && !(set->values[i - 1] < set->values[i])) return pieces_.Break("set out of order");
    }
    return true;
  }

  bool Elements(List* list, int depth) {
    uint64_t count;
    if (!pieces_.Count(&count)) return false;
    list->values.reserve(std::min(count, kTrustedCount));
    for (uint64_t i = 0; i < count; ++i) {
      if (!Value(&list->values.emplace_back(), depth)) return false;
    }
    return true;
  }

  bool Value(AttributeValue* value, int depth) {
    if (depth >= kStoredDepthMax) return pieces_.Break("nested too deep");
    Type type;
    if (!pieces_.ValueType(&type)) return false;
    auto& variant = value->variant();
    switch (type) {
      case Type::kString:
        return Member(&variant.emplace<std::string>());
      case Type::kNumber:
        return Member(&variant.emplace<Number>());
      case Type::kBinary:
        return Member(&variant.emplace<Binary>());
      case Type::kBool:
        return pieces_.Flag(&variant.emplace<bool>());
      case Type::kNull:
        variant.emplace<Null>();
        return true;
      case Type::kStringSet:
        return Members(&variant.emplace<StringSet>());
      case Type::kNumberSet:
        return Members(&variant.emplace<NumberSet>());
      case Type::kBinarySet:
        return Members(&variant.emplace<BinarySet>());
      case Type::kList:
        return Elements(&variant.emplace<List>(), depth + 1);
      case Type::kMap:
        return Attributes(&variant.emplace<Map>(), depth + 1);
    }
    return pieces_.Break("unknown type");
  }

  Pieces pieces_;
};

// Copies the stored form into JSON without values in between.
class Printer {
 public:
  Printer(BytesView bytes, std::string* json) : pieces_{bytes}, json_(json) {}

  Result<void> Print() {
    uint64_t size;
    if (!pieces_.Head(&size) || !Attributes(0)) return pieces_.Corruption();
    if (pieces_.in.empty()) return {};
    pieces_.Break("bytes behind its end");
    return pieces_.Corruption();
  }

 private:
  bool Attributes(int depth) {
    uint64_t count;
    if (!pieces_.Count(&count)) return false;
    json_->push_back('{');
    BytesView name;
    for (uint64_t i = 0; i < count; ++i) {
      if (!pieces_.Name(i == 0, &name)) return false;
      if (i > 0) json_->push_back(',');
      codec::AppendJsonString(name, json_);
      json_->push_back(':');
      if (!Value(depth)) return false;
    }
    json_->push_back('}');
    return true;
  }

  template <class PrintOne>
  bool Array(PrintOne print_one) {
    uint64_t count;
    if (!pieces_.Count(&count)) return false;
    json_->push_back('[');
    for (uint64_t i = 0; i < count; ++i) {
      if (i > 0) json_->push_back(',');
      if (!print_one()) return false;
    }
    json_->push_back(']');
    return true;
  }

  bool String() {
    BytesView text;
    if (!pieces_.Sized(&text)) return false;
    codec::AppendJsonString(text, json_);
    return true;
  }
  bool Blob() {
    BytesView bytes;
    if (!pieces_.Sized(&bytes)) return false;
    json_->push_back('"');
    codec::AppendBase64(bytes, json_);
    json_->push_back('"');
    return true;
  }
  bool Digits() {
    Number number;
    if (!pieces_.Digits(&number)) return false;
    json_->push_back('"');
    number.AppendTo(json_);
    json_->push_back('"');
    return true;
  }
  bool Flag() {
    bool flag;
    if (!pieces_.Flag(&flag)) return false;
    json_->append(flag ? "true" : "false");
    return true;
  }

  bool Payload(Type type, int depth) {
    switch (type) {
      case Type::kString:
        return String();
      case Type::kNumber:
        return Digits();
      case Type::kBinary:
        return Blob();
      case Type::kBool:
        return Flag();
      case Type::kNull:
        json_->append("true");
        return true;
      case Type::kStringSet:
        return Array([&] { return String(); });
      case Type::kNumberSet:
        return Array([&] { return Digits(); });
      case Type::kBinarySet:
        return Array([&] { return Blob(); });
      case Type::kList:
        return Array([&] { return Value(depth + 1); });
      case Type::kMap:
        return Attributes(depth + 1);
    }
    return pieces_.Break("unknown type");
  }

  bool Value(int depth) {
    if (depth >= kStoredDepthMax) return pieces_.Break("nested too deep");
    Type type;
    if (!pieces_.ValueType(&type)) return false;
    json_->append(kOpening[static_cast<size_t>(type)]);
    if (!Payload(type, depth)) return false;
    json_->push_back('}');
    return true;
  }

  static constexpr std::string_view kOpening[] = {
      "{\"S\":",  "{\"N\":",  "{\"B\":",  "{\"BOOL\":", "{\"NULL\":",
      "{\"SS\":", "{\"NS\":", "{\"BS\":", "{\"L\":",    "{\"M\":"};  // in the order of Type

  Pieces pieces_;
  std::string* json_;
};

}  // namespace

void EncodeItem(const Item& item, Bytes* out) {
  const uint64_t size = ItemSize(item);
  out->reserve(out->size() + size + size / 8 + 32);
  codec::AppendU8(kVersion, out);
  codec::AppendVarint(size, out);
  AppendAttributes(item, out);
}

Bytes EncodeItem(const Item& item) {
  Bytes out;
  EncodeItem(item, &out);
  return out;
}

Result<Item> DecodeItem(BytesView bytes) { return Decoder(bytes).Decode(); }

Result<uint64_t> EncodedItemSize(BytesView bytes) {
  Pieces pieces{bytes};
  uint64_t size;
  if (!pieces.Head(&size)) return pieces.Corruption();
  return size;
}

Result<void> AppendEncodedItemJson(BytesView bytes, std::string* json) {
  const size_t before = json->size();
  json->reserve(before + bytes.size() + bytes.size() / 2);
  auto result = Printer(bytes, json).Print();
  if (!result) json->resize(before);
  return result;
}

}  // namespace tidemark::item
