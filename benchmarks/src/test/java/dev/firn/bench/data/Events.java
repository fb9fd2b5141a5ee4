package dev.firn.bench.data;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Web events, 1.5 million rows of about 700 bytes in order of time: identifiers, names of few and
 * of thousands of values, URLs, user agents and JSON payloads, nulls in half of the columns.
 */
public final class Events {
  private static final int ROWS = 1_500_000;
  private static final int TINY_ROWS = 5_000;
  private static final long SEED = 20260101;
  private static final int MICROS_BETWEEN = 40_000;
  private static final OffsetDateTime START =
      OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private static final String[] TYPES = {
    "page_view", "click", "search", "add_to_cart", "purchase", "scroll", "login", "logout", "error"
  };
  private static final String[] WORDS =
      ("garden lamp winter mountain blue kettle classic soft organic travel kitchen leather studio"
              + " green coffee summer paper silver wool oak linen camera bicycle desk mirror ocean"
              + " cotton ceramic candle vintage")
          .split(" ");
  private static final String[] SYSTEMS = {
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "iPhone; CPU iPhone OS 17_4 like Mac OS X",
    "Linux; Android 14; Pixel 8"
  };

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Schema schema = schema();
  private final List<String> agents = new ArrayList<>();
  private final List<String> countries = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private Events() {
    for (int i = 0; i < 4000; i++) {
      agents.add(agent());
    }
    for (int i = 0; i < 60; i++) {
      countries.add("" + (char) ('A' + i % 26) + (char) ('A' + i * 7 % 26));
    }
  }

  /** The data set; {@code tiny}: 5,000 rows. */
  public static Dataset dataset(boolean tiny) {
    int rows = tiny ? TINY_ROWS : ROWS;
    OffsetDateTime from = time(rows / 100 * 40);
    OffsetDateTime to = time(rows / 100 * 41);
    return new Dataset(
        "events",
        schema(),
        List.of("ts", "user_id", "url"),
        Expressions.and(
            Expressions.greaterThanOrEqual("ts", from.toString()),
            Expressions.lessThan("ts", to.toString())),
        "ts >= TIMESTAMPTZ '%s' AND ts < TIMESTAMPTZ '%s'".formatted(from, to),
        () -> () -> new Events().rows(rows));
  }

  private static OffsetDateTime time(int index) {
    return START.plus((long) index * MICROS_BETWEEN, ChronoUnit.MICROS);
  }

  private static Schema schema() {
    List<Types.NestedField> columns = new ArrayList<>();
    add(columns, false, Types.LongType.get(), "event_id");
    add(columns, false, Types.TimestampType.withZone(), "ts");
    add(columns, true, Types.LongType.get(), "user_id");
    add(columns, true, Types.StringType.get(), "session_id", "event_type", "country");
    add(columns, true, Types.IntegerType.get(), "status", "duration_ms");
    add(columns, true, Types.DoubleType.get(), "score");
    add(columns, true, Types.StringType.get(), "url", "referrer", "user_agent", "payload");
    return new Schema(columns);
  }

  private static void add(
      List<Types.NestedField> columns, boolean nullable, Type type, String... names) {
    for (String name : names) {
      int id = columns.size() + 1;
      columns.add(
          nullable
              ? Types.NestedField.optional(id, name, type)
              : Types.NestedField.required(id, name, type));
    }
  }

  private Iterator<Record> rows(int count) {
    return IntStream.range(0, count).mapToObj(this::row).iterator();
  }

  private Record row(int index) {
    GenericRecord row = GenericRecord.create(schema);
    long user = skewed(200_000);
    row.set(0, 1_000_000_000L + index);
    row.set(1, time(index));
    row.set(2, chance(20) ? null : user);
    row.set(3, Long.toHexString(user * 0x9E3779B97F4A7C15L) + "-" + index / 50_000);
    row.set(4, TYPES[(int) skewed(TYPES.length)]);
    row.set(5, chance(5) ? null : countries.get((int) skewed(countries.size())));
    row.set(6, chance(95) ? 200 : 400 + random.nextInt(20));
    row.set(7, chance(30) ? null : (int) skewed(60_000));
    row.set(8, chance(50) ? null : random.nextInt(10_000) / 10_000.0);
    row.set(9, url());
    row.set(10, chance(40) ? null : url());
    row.set(11, agents.get((int) skewed(agents.size())));
    row.set(12, chance(10) ? null : payload());
    return row;
  }

  private String url() {
    text.setLength(0);
    text.append("https://shop.example.com/").append(word()).append('/').append(word()).append('-');
    text.append(word()).append("/item-").append(skewed(500_000)).append("?utm_source=");
    text.append(word()).append("&utm_campaign=").append(word()).append('-').append(word());
    text.append("&position=").append(random.nextInt(100));
    return text.toString();
  }

  private String agent() {
    int major = 100 + random.nextInt(30);
    return "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.%d Safari/537.36"
        .formatted(
            SYSTEMS[random.nextInt(SYSTEMS.length)],
            major,
            random.nextInt(7000),
            random.nextInt(200));
  }

  private String payload() {
    text.setLength(0);
    text.append("{\"items\":[");
    int items = 2 + random.nextInt(5);
    for (int i = 0; i < items; i++) {
      text.append(i == 0 ? "" : ",").append("{\"sku\":\"").append(skewed(500_000));
      text.append("\",\"name\":\"").append(word()).append(' ').append(word()).append(' ');
      text.append(word()).append("\",\"quantity\":").append(1 + random.nextInt(4));
      text.append(",\"price\":").append(random.nextInt(20_000) / 100.0).append('}');
    }
    text.append("],\"experiment\":\"").append(word()).append("\",\"variant\":");
    text.append(random.nextInt(4)).append('}');
    return text.toString();
  }

  private String word() {
    return WORDS[random.nextInt(WORDS.length)];
  }

  /** A value below {@code bound}, small ones more often. */
  private long skewed(int bound) {
    double uniform = random.nextDouble();
    return (long) (uniform * uniform * bound);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
