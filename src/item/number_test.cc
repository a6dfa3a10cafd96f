#include "item/number.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

namespace tidemark::item {
namespace {

constexpr char kNotNumeric[] = "The parameter cannot be converted to a numeric value";
constexpr char kTooPrecise[] = "Attempting to store more than 38 significant digits in a Number";
constexpr char kOverflow[] =
    "Number overflow. Attempting to store a number with magnitude larger than supported range";
constexpr char kUnderflow[] =
    "Number underflow. Attempting to store a number with magnitude smaller than supported range";

Number Parsed(std::string_view text) {
  auto number = Number::Parse(text);
  EXPECT_TRUE(number) << text << ": " << (number ? "" : number.error().message);
  return number.value_or(Number());
}

std::string ErrorOf(std::string_view text) {
  auto number = Number::Parse(text);
  if (number) return "accepted as " + number->ToString();
  EXPECT_EQ(number.error().kind, ErrorKind::kValidation);
  return number.error().message;
}

Bytes Ordered(const Number& number) {
  Bytes out;
  number.AppendOrdered(&out);
  return out;
}

TEST(Number, PrintsPlainDigits) {
  const std::pair<std::string, std::string> cases[] = {
      {"1", "1"},
      {"-5", "-5"},
      {"0", "0"},
      {"-0", "0"},
      {"-0.0", "0"},
      {"0e5", "0"},
      {"00", "0"},
      {"007", "7"},
      {"001.23", "1.23"},
      {"+1.5", "1.5"},
      {"1.0", "1"},
      {"1.10", "1.1"},
      {"100.000", "100"},
      {"0.10", "0.1"},
      {"1e3", "1000"},
      {"1E+3", "1000"},
      {"-3e2", "-300"},
      {"1.23e4", "12300"},
      {"123e-2", "1.23"},
      {"1.23e-1", "0.123"},
      {"1.0e-1", "0.1"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"5.", "5"},
      {"1e20", "1" + std::string(20, '0')},
      {"1e125", "1" + std::string(125, '0')},
      {"1e-130", "0." + std::string(129, '0') + "1"},
      {"-273.15", "-273.15"},
      {"0e125", "0"},
      {"0e-130", "0"},
      {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
      {"0." + std::string(200, '0') + "1e201", "1"},
      {"1" + std::string(200, '0') + "e-200", "1"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Parsed(text).ToString(), expected) << text;
}

TEST(Number, RefusesWhatIsNotANumber) {
  EXPECT_EQ(ErrorOf(""), std::string(kNotNumeric) + ": ");
  for (const char* text : {"abc",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "-",
                           "+",
                           ".",
                           "-.",
                           "e5",
                           "1e",
                           "1e+",
                           "1 ",
                           " 1",
                           "1.2.3",
                           "1,5",
                           "0x10",
                           "--1",
                           "1e1.5",
                           "1f",
                           "1e9223372036854775808",
                           "1e-99999999999999999999"}) {
    EXPECT_EQ(ErrorOf(text), std::string(kNotNumeric) + ": " + text);
  }
  EXPECT_EQ(ErrorOf(std::string_view("1\0", 2)), std::string(kNotNumeric) + ": 1" + '\0');
}

TEST(Number, RefusesMoreThan38Digits) {
  EXPECT_EQ(ErrorOf("123456789012345678901234567890123456789"), kTooPrecise);
  EXPECT_EQ(ErrorOf("-1.23456789012345678901234567890123456789"), kTooPrecise);
  EXPECT_EQ(ErrorOf("1" + std::string(37, '0') + "1"), kTooPrecise);
  EXPECT_EQ(Parsed("12345678901234567890123456789012345678000").SignificantDigits(), 38);
}

TEST(Number, RefusesMagnitudesOutOfRange) {
  for (const char* text :
       {"1e126", "-1e126", "10e125", "0e126", "1e2147483648", "1e9223372036854775807"}) {
    EXPECT_EQ(ErrorOf(text), kOverflow) << text;
  }
  for (const char* text :
       {"1e-131", "-9.99e-131", "0.1e-130", "0e-131", "1e-9223372036854775807"}) {
    EXPECT_EQ(ErrorOf(text), kUnderflow) << text;
  }
  EXPECT_EQ(ErrorOf("123456789012345678901234567890123456789e125"), kOverflow);
  Parsed("9.9999999999999999999999999999999999999e125");
  Parsed("-1.2345678901234567890123456789012345678e-130");
}

TEST(Number, TakesIntegers) {
  EXPECT_EQ(Number::FromInt(0), Parsed("0"));
  EXPECT_EQ(Number::FromInt(-1200).ToString(), "-1200");
  EXPECT_EQ(Number::FromInt(std::numeric_limits<int64_t>::min()).ToString(),
            "-9223372036854775808");
  EXPECT_EQ(Number::FromInt(std::numeric_limits<int64_t>::max()).ToString(), "9223372036854775807");
}

TEST(Number, AddsAndSubtractsExactly) {
  EXPECT_EQ(Parsed("0.1").Plus(Parsed("0.2"))->ToString(), "0.3");
  EXPECT_EQ(Parsed("1").Minus(Parsed("1"))->ToString(), "0");
  EXPECT_EQ(Parsed("-7").Plus(Parsed("3"))->ToString(), "-4");
  EXPECT_EQ(Parsed("1e38").Minus(Parsed("1"))->ToString(), std::string(38, '9'));
  EXPECT_EQ(Parsed("1").Minus(Parsed("1e38"))->ToString(), "-" + std::string(38, '9'));
  EXPECT_EQ(Parsed("9e125").Plus(Parsed("9e124"))->ToString(), "99" + std::string(124, '0'));
  EXPECT_EQ(Parsed("5").Plus(Number())->ToString(), "5");
}

TEST(Number, ReportsSumsItCannotHold) {
  const auto error = [](std::string_view a, std::string_view b) {
    auto sum = Parsed(a).Plus(Parsed(b));
    return sum ? "gave " + sum->ToString() : sum.error().message;
  };
  EXPECT_EQ(error("9e125", "9e125"), kOverflow);
  EXPECT_EQ(error("1e50", "1"), kOverflow);  // what the service says of lost precision
  EXPECT_EQ(error("1e38", "1"), kOverflow);
  EXPECT_EQ(error("1e125", "1e-130"), kOverflow);
  EXPECT_EQ(error("1.1e-130", "-1e-130"), kUnderflow);
}

TEST(Number, OrdersNegativesBeforeZero) {
  const char* ascending[] = {"-1e125", "-100", "-99.9", "-1.5", "-1", "-1e-130", "0",
                             "1e-130", "0.5",  "1",     "1.01", "9",  "10",      "1e125"};
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      const Number a = Parsed(ascending[i]), b = Parsed(ascending[j]);
      EXPECT_EQ(a <=> b, i <=> j) << ascending[i] << " " << ascending[j];
      EXPECT_EQ(Ordered(a).compare(Ordered(b)) <=> 0, i <=> j)
          << ascending[i] << " " << ascending[j];
    }
  }
}

// A naive decimal kept as text: `digits` * 10^exponent, for comparison with Number.
struct Decimal {
  bool negative = false;
  std::string digits = "0";  // no leading zeros
  int exponent = 0;
};

std::string WithoutLeadingZeros(const std::string& digits) {
  const size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

int CompareDigits(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b) < 0 ? -1 : a.compare(b) > 0 ? 1 : 0;
}

std::string AddDigits(std::string a, std::string b) {
  if (a.size() < b.size()) std::swap(a, b);
  b.insert(0, a.size() - b.size(), '0');
  int carry = 0;
  for (size_t i = a.size(); i-- > 0;) {
    const int sum = a[i] - '0' + b[i] - '0' + carry;
    a[i] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  return carry ? "1" + a : a;
}

std::string SubtractDigits(std::string a, std::string b) {  // a >= b
  b.insert(0, a.size() - b.size(), '0');
  int borrow = 0;
  for (size_t i = a.size(); i-- > 0;) {
    int digit = a[i] - b[i] - borrow;
    borrow = digit < 0;
    a[i] = static_cast<char>('0' + digit + 10 * borrow);
  }
  return WithoutLeadingZeros(a);
}

void Align(Decimal* a, Decimal* b) {
  const int exponent = std::min(a->exponent, b->exponent);
  for (Decimal* d : {a, b}) {
    d->digits = WithoutLeadingZeros(d->digits + std::string(d->exponent - exponent, '0'));
    d->exponent = exponent;
  }
}

Decimal Sum(Decimal a, Decimal b) {
  Align(&a, &b);
  if (a.negative == b.negative) return {a.negative, AddDigits(a.digits, b.digits), a.exponent};
  if (CompareDigits(a.digits, b.digits) < 0) std::swap(a, b);
  return {a.negative, SubtractDigits(a.digits, b.digits), a.exponent};
}

int Compare(Decimal a, Decimal b) {
  Align(&a, &b);
  const bool a_negative = a.negative && a.digits != "0";
  const bool b_negative = b.negative && b.digits != "0";
  if (a_negative != b_negative) return a_negative ? -1 : 1;
  return a_negative ? CompareDigits(b.digits, a.digits) : CompareDigits(a.digits, b.digits);
}

std::string Text(const Decimal& d) {
  return (d.negative ? "-" : "") + d.digits + "E" + std::to_string(d.exponent);
}

// The plain spelling, or the error the service would answer for a stored number.
std::string Plain(Decimal d, bool is_sum) {
  d.digits = WithoutLeadingZeros(d.digits);
  if (d.digits == "0") {  // a sum that is zero has no exponent; a written one has
    if (is_sum) return "0";
    return d.exponent > 125 ? kOverflow : d.exponent < -130 ? kUnderflow : "0";
  }
  while (d.digits.back() == '0') d.digits.pop_back(), ++d.exponent;
  const int power = d.exponent + static_cast<int>(d.digits.size()) - 1;
  if (power > 125) return kOverflow;
  if (power < -130) return kUnderflow;
  if (d.digits.size() > 38) return is_sum ? kOverflow : kTooPrecise;
  std::string text = d.digits;
  if (d.exponent >= 0) {
    text.append(d.exponent, '0');
  } else {
    const size_t fraction = -d.exponent;
    if (text.size() <= fraction) text.insert(0, fraction - text.size() + 1, '0');
    text.insert(text.size() - fraction, ".");
  }
  return (d.negative ? "-" : "") + text;
}

Decimal RandomDecimal(std::mt19937_64& random) {
  Decimal d;
  d.negative = random() % 2;
  d.digits.clear();
  const size_t size = random() % 8 == 0 ? 1 + random() % 45 : 1 + random() % 38;
  const bool sparse = random() % 3 == 0;
  for (size_t i = 0; i < size; ++i) {
    d.digits.push_back(sparse ? "0009"[random() % 4] : static_cast<char>('0' + random() % 10));
  }
  d.exponent = random() % 4 == 0 ? static_cast<int>(random() % 340) - 190
                                 : static_cast<int>(random() % 40) - 20;
  return d;
}

TEST(Number, AgreesWithNaiveDecimals) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  int sums = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Decimal a = RandomDecimal(random), b = RandomDecimal(random);
    const auto x = Number::Parse(Text(a)), y = Number::Parse(Text(b));
    ASSERT_EQ(x ? x->ToString() : x.error().message, Plain(a, false)) << Text(a);
    if (!x || !y) continue;
    ASSERT_EQ(Parsed(x->ToString()), *x);
    ASSERT_EQ(*x <=> *y, Compare(a, b) <=> 0) << Text(a) << " " << Text(b);
    ASSERT_EQ(Ordered(*x).compare(Ordered(*y)) <=> 0, Compare(a, b) <=> 0)
        << Text(a) << " " << Text(b);
    const auto sum = x->Plus(*y);
    ASSERT_EQ(sum ? sum->ToString() : sum.error().message, Plain(Sum(a, b), true))
        << Text(a) << " " << Text(b);
    const auto difference = x->Minus(*y);
    Decimal minus_b = b;
    minus_b.negative = !b.negative;
    ASSERT_EQ(difference ? difference->ToString() : difference.error().message,
              Plain(Sum(a, minus_b), true));
    sums += sum.has_value();
  }
  EXPECT_GT(sums, 1000);
}

TEST(Number, ReadsBackItsBytesAndNothingElse) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    const auto number = Number::Parse(Text(RandomDecimal(random)));
    if (!number) continue;
    Bytes ordered = Ordered(*number), stored;
    number->AppendStored(&stored);
    ASSERT_LE(stored.size(), 19u);

    const auto check = [&](const Bytes& bytes, auto read, auto write) {
      Bytes followed = bytes + "tail";
      BytesView in = followed;
      const auto back = read(&in);
      ASSERT_TRUE(back) << number->ToString();
      ASSERT_EQ(*back, *number);
      ASSERT_EQ(in, "tail");
      for (size_t size = 0; size < bytes.size(); ++size) {
        BytesView cut = BytesView(bytes).substr(0, size);
        ASSERT_FALSE(read(&cut));
      }
      // Damaged bytes are refused, or are the one form of another number.
      Bytes damaged = bytes;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      BytesView rest = damaged;
      if (const auto other = read(&rest)) {
        Bytes again;
        write(*other, &again);
        ASSERT_EQ(again, BytesView(damaged).substr(0, damaged.size() - rest.size()));
      }
    };
    check(ordered, Number::ReadOrdered, [](const Number& n, Bytes* out) { n.AppendOrdered(out); });
    const auto read_stored = [](BytesView* in) {
      Number read;
      return read.ReadStored(in) ? std::optional(read) : std::nullopt;
    };
    check(stored, read_stored, [](const Number& n, Bytes* out) { n.AppendStored(out); });
  }
}

}  // namespace
}  // namespace tidemark::item
