// A year of tables and backups that come and go, of writes, and of a server that is down for days:
// what the ledger adds up to, against a count that looks at every hour of everything.
#include <gtest/gtest.h>

#include <random>

#include "metering/meter_fixture.h"
#include "metering/summary.h"

namespace tidemark::metering {
namespace {

using catalog::BackupType;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kHours = 366 * 24;

// What is kept, as whoever watches it hour by hour would note it.
struct Watched {
  std::string resource;
  Kind kind;
  Timestamp from, until{};
  std::map<Timestamp, uint64_t> sizes;  // by the hour's begin
  TableId table{};
};

class YearTest : public MeterFixture {
 protected:
  Timestamp Hour() const { return std::chrono::floor<hours>(Now()); }
  size_t Pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(dice_); }

  void Begin(Watched one) {
    one.from = Now();
    one.sizes[Hour()] = one.kind == Kind::kPitr ? sizes_[one.table] : Pick(1'000'000'000);
    kept_.push_back(std::move(one));
  }
  void SwitchOn(TableId table) {
    SwitchRecovery(table, true);
    Begin({.resource = catalog_->FindTable(table)->Arn(), .kind = Kind::kPitr, .table = table});
  }
  void BackUp(TableId table) {
    const bool managed = Pick(2) == 0;
    Begin({.resource = "", .kind = managed ? Kind::kWarm : Kind::kOnDemand, .table = table});
    kept_.back().resource = AddBackup(table, managed ? BackupType::kAwsBackup : BackupType::kUser,
                                      kept_.back().sizes.begin()->second);
  }
  void End(Watched* one) {
    one->until = Now();
    if (one->kind == Kind::kPitr) {
      SwitchRecovery(one->table, false);
    } else {
      ASSERT_TRUE(catalog_->EraseBackup(one->resource));
    }
  }

  // The act of a moment.
  void Act() {
    const TableId table = tables_[Pick(tables_.size())];
    std::vector<Watched*> alive;
    for (Watched& one : kept_) {
      if (one.until == Timestamp{}) alive.push_back(&one);
    }
    switch (Pick(8)) {
      case 0:
        return BackUp(table);
      case 1: {
        for (Watched* one : alive) {
          if (one->kind == Kind::kPitr && one->table == table) return End(one);
        }
        return SwitchOn(table);
      }
      case 2:
        if (!alive.empty()) End(alive[Pick(alive.size())]);
        return;
      case 3:
        return Restart();
      default:
        sizes_[table] = 1 + Pick(1'000'000'000);
        Resize(table, sizes_[table]);
    }
  }

  // At the first look at an hour: it, and the hours before that nobody saw, have the size of now.
  void NoteSizes(Timestamp last_seen) {
    for (Watched& one : kept_) {
      if (one.until != Timestamp{} || one.kind != Kind::kPitr) continue;
      for (Timestamp hour = last_seen + hours(1); hour <= Hour(); hour += hours(1))
        one.sizes[hour] = sizes_[one.table];
    }
  }

  void Look() { ASSERT_TRUE(meter_->Tick()); }

  void LiveAYear() {
    Timestamp seen = Hour();
    for (int hour = 0; hour < kHours; ++hour) {
      if (Pick(200) == 0) {  // the server is down
        const auto down = static_cast<int>(Pick(100));
        Pass(hours(down));
        hour += down;
        Restart();
      }
      if (Pick(4) != 0) {  // nobody looks in this hour, and nothing happens
        Pass(hours(1));
        continue;
      }
      Look();
      NoteSizes(seen);
      seen = Hour();
      if (Pick(2) == 0) {
        Pass(seconds(Pick(3000)));
        Act();
        if (Pick(2) == 0) Look();
      }
      Pass(Hour() + hours(1) - Now());
    }
    Look();
    NoteSizes(seen);
  }

  std::mt19937_64 dice_{20261127};
  std::vector<TableId> tables_ = {AddTable("Users"), AddTable("Orders"), AddTable("Films")};
  std::map<TableId, uint64_t> sizes_;
  std::vector<Watched> kept_;
};

// Bytes times microseconds by resource, kind and day.
using Lines = std::map<Summary::Key, ByteTime>;

Lines CountHourByHour(const std::vector<Watched>& kept, Timestamp now) {
  Lines lines;
  for (const Watched& one : kept) {
    const Timestamp until = one.until == Timestamp{} ? now : one.until;
    uint64_t size = 0;
    for (Timestamp hour = std::chrono::floor<hours>(one.from); hour < until; hour += hours(1)) {
      if (const auto at = one.sizes.find(hour); at != one.sizes.end()) size = at->second;
      const Timestamp begin = std::max(one.from, hour), end = std::min(until, hour + hours(1));
      const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(hour));
      if (begin >= end) continue;
      lines[{one.resource, std::string(ToString(one.kind)),
             fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                         static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()))}] +=
          ByteTime{size} * static_cast<uint64_t>((end - begin).count());
    }
  }
  std::erase_if(lines, [](const auto& line) { return line.second == 0; });
  return lines;
}

TEST_F(YearTest, EveryLineIsWhatCountingHourByHourGives) {
  for (const TableId table : tables_) sizes_[table] = 0;
  const Timestamp begin = Now();
  LiveAYear();
  const auto expected = CountHourByHour(kept_, Now());
  ASSERT_GT(expected.size(), 1000U);

  const PriceBook book = PriceBook::BuiltIn();
  Summary by_line(book, {begin, Now(), {Dimension::kResource, Dimension::kKind, Dimension::kDay}});
  Summary by_month(book, {begin, Now(), {Dimension::kTable, Dimension::kMonth}});
  for (const Entry& entry : Entries()) {
    by_line.Add(entry);
    by_month.Add(entry);
  }
  Lines counted;
  for (const auto& [line, cost] : by_line.groups()) {
    if (cost.byte_time == 0) continue;
    counted[line] = cost.byte_time;
    Kind kind = *KindNamed(line[1]);
    Timestamp day = begin;
    std::istringstream text(line[2]);
    int year = 0;
    unsigned month = 0, date = 0;
    char dash = 0;
    text >> year >> dash >> month >> dash >> date;
    day = std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                                static_cast<int>(date));
    const Dollars whole =
        StorageCost(book.Of(kind, region_, day).rate, cost.byte_time, MonthOf(day).length());
    // Each part of a day is rounded; a table has as many as it has sizes.
    EXPECT_LE(std::abs(whole.nanos - cost.cost.nanos), kind == Kind::kPitr ? 13 : 0) << line[0];
  }
  EXPECT_EQ(counted.size(), expected.size());
  for (const auto& [line, amount] : expected)
    EXPECT_TRUE(counted[line] == amount) << line[0] << " " << line[1] << " " << line[2];
  EXPECT_EQ(by_line.Total().cost, by_month.Total().cost);
  EXPECT_EQ(by_line.Total().kept_bytes, by_month.Total().kept_bytes);
}

}  // namespace
}  // namespace tidemark::metering
