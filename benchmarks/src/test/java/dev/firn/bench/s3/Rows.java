package dev.firn.bench.s3;

import java.time.LocalDate;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * Rows of sixteen columns that hardly compress, about 125 bytes each in a file: six longs, four
 * doubles, two integers, two dates, two strings. The same for the same seed. Stateless.
 */
final class Rows {
  static final Schema SCHEMA = schema();

  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  private static final int LENGTH = 12;
  private static final int DAYS = 20_000;

  private Rows() {}

  private static Schema schema() {
    List<Type> types =
        Stream.of(
                repeated(6, Types.LongType.get()),
                repeated(4, Types.DoubleType.get()),
                repeated(2, Types.IntegerType.get()),
                repeated(2, Types.DateType.get()),
                repeated(2, Types.StringType.get()))
            .flatMap(same -> same)
            .toList();
    return new Schema(
        IntStream.rangeClosed(1, types.size())
            .mapToObj(id -> Types.NestedField.optional(id, "c" + id, types.get(id - 1)))
            .toList());
  }

  private static Stream<Type> repeated(int times, Type type) {
    return Stream.generate(() -> type).limit(times);
  }

  static Stream<Record> of(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, count).mapToObj(i -> row(random));
  }

  private static Record row(SplittableRandom random) {
    GenericRecord row = GenericRecord.create(SCHEMA);
    for (int column = 0; column < row.size(); column++) {
      row.set(column, value(SCHEMA.columns().get(column).type(), random));
    }
    return row;
  }

  private static Object value(Type type, SplittableRandom random) {
    return switch (type.typeId()) {
      case LONG -> random.nextLong();
      case DOUBLE -> random.nextDouble();
      case INTEGER -> random.nextInt();
      case DATE -> LocalDate.ofEpochDay(random.nextInt(DAYS));
      case STRING -> text(random);
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }
}
