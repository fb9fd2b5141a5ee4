package dev.firn.format.write.key;

import dev.firn.error.FirnException;
import dev.firn.format.write.key.Values.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.BucketUtil;

/** An Iceberg transform over a whole column, in place. Stateless. */
interface ColumnTransform {
  /** Replaces values by what the transform makes of them; nulls stay. */
  void apply(Values values);

  /** A transform that Iceberg does not define is {@code INVALID}. */
  static ColumnTransform of(Transform<?, ?> transform, Type source) {
    Matcher name = Names.PATTERN.matcher(transform.toString());
    if (!name.matches()) {
      throw unknown(transform, source);
    }
    int parameter = name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
    return switch (name.group(1).toLowerCase(Locale.ROOT)) {
      case "identity" -> values -> {};
      case "void" -> ColumnTransform::toNull;
      case "bucket" -> bucket(source, parameter);
      case "truncate" -> truncate(source, parameter);
      case "year" -> dates(source, 12);
      case "month" -> dates(source, 1);
      case "day" -> values -> divide(values, unitsPerDay(source));
      case "hour" -> values -> divide(values, unitsPerDay(source) / 24);
      default -> throw unknown(transform, source);
    };
  }

  /** How transforms are written: {@code bucket[16]}, {@code day}. */
  final class Names {
    private static final Pattern PATTERN = Pattern.compile("(\\w+)(?:\\[(\\d+)])?");

    private Names() {}
  }

  private static FirnException unknown(Transform<?, ?> transform, Type source) {
    return FirnException.invalid(
        "Cannot write data files: the transform of a partition or sort field is not known, got "
            + transform
            + " of "
            + source
            + "; write with a newer version");
  }

  private static void toNull(Values values) {
    values.kind = Kind.LONG;
    java.util.Arrays.fill(values.lengths, 0, values.count, -1);
  }

  private static long unitsPerDay(Type source) {
    return switch (source.typeId()) {
      case DATE -> 1;
      case TIMESTAMP_NANO -> 86_400_000_000_000L;
      default -> 86_400_000_000L;
    };
  }

  private static void divide(Values values, long by) {
    if (by == 1) {
      return;
    }
    for (int i = 0; i < values.count; i++) {
      values.words[i] = Math.floorDiv(values.words[i], by);
    }
  }

  /** Months since 1970, or years where twelve are one unit. */
  private static ColumnTransform dates(Type source, int months) {
    long perDay = unitsPerDay(source);
    return values -> {
      divide(values, perDay);
      long day = 0;
      long result = 0;
      for (int i = 0; i < values.count; i++) {
        // Neighbours often share their day. A null's slot may hold anything.
        if (values.words[i] != day && !values.isNull(i)) {
          day = values.words[i];
          LocalDate date = LocalDate.ofEpochDay(day);
          result = Math.floorDiv((date.getYear() - 1970) * 12 + date.getMonthValue() - 1, months);
        }
        values.words[i] = result;
      }
    };
  }

  private static ColumnTransform bucket(Type source, int buckets) {
    return switch (source.typeId()) {
      case INTEGER, LONG, DATE, TIME, TIMESTAMP -> values -> bucketLongs(values, buckets, 1);
      // Hashed as the same instant in microseconds.
      case TIMESTAMP_NANO -> values -> bucketLongs(values, buckets, 1000);
      case DECIMAL -> values -> bucketDecimals(values, (Types.DecimalType) source, buckets);
      default -> values -> bucketBytes(values, buckets);
    };
  }

  private static int bucketOf(int hash, int buckets) {
    return (hash & Integer.MAX_VALUE) % buckets;
  }

  private static void bucketLongs(Values values, int buckets, int unit) {
    for (int i = 0; i < values.count; i++) {
      long value = unit == 1 ? values.words[i] : Math.floorDiv(values.words[i], unit);
      values.words[i] = bucketOf(Murmur.hash(value), buckets);
    }
  }

  private static void bucketBytes(Values values, int buckets) {
    for (int i = 0; i < values.count; i++) {
      if (!values.isNull(i)) {
        values.words[i] = bucketOf(Murmur.hash(values.words[i], values.lengths[i]), buckets);
      }
    }
    values.kind = Kind.LONG;
  }

  private static void bucketDecimals(Values values, Types.DecimalType type, int buckets) {
    boolean wide = values.kind == Kind.WIDE;
    for (int i = 0; i < values.count; i++) {
      int hash =
          wide
              ? BucketUtil.hash(new BigDecimal(Wide.toBigInteger(values, i), type.scale()))
              : Murmur.hashShortest(values.words[i]);
      values.words[i] = bucketOf(hash, buckets);
    }
    values.kind = Kind.LONG;
  }

  private static ColumnTransform truncate(Type source, int width) {
    return switch (source.typeId()) {
      case INTEGER -> values -> truncateInts(values, width);
      case STRING -> values -> truncateStrings(values, width);
      case BINARY -> values -> truncateBinaries(values, width);
      default -> values -> truncateLongs(values, width);
    };
  }

  private static void truncateInts(Values values, int width) {
    for (int i = 0; i < values.count; i++) {
      int value = (int) values.words[i];
      // Wraps at the lower end as Iceberg's does.
      int truncated = value - (value % width + width) % width;
      values.words[i] = truncated;
    }
  }

  private static void truncateLongs(Values values, int width) {
    for (int i = 0; i < values.count; i++) {
      if (values.kind == Kind.WIDE) {
        BigInteger value = Wide.toBigInteger(values, i);
        Wide.set(values, i, value.subtract(value.mod(BigInteger.valueOf(width))));
      } else {
        values.words[i] -= (values.words[i] % width + width) % width;
      }
    }
  }

  private static void truncateBinaries(Values values, int width) {
    for (int i = 0; i < values.count; i++) {
      values.lengths[i] = Math.min(values.lengths[i], width);
    }
  }

  /** To the first {@code width} code points. */
  private static void truncateStrings(Values values, int width) {
    for (int i = 0; i < values.count; i++) {
      int length = values.lengths[i];
      if (length > width) {
        values.lengths[i] = prefix(values.words[i], length, width);
      }
    }
  }

  private static int prefix(long address, int length, int codePoints) {
    int seen = 0;
    for (int at = 0; at < length; at++) {
      // Every byte but a continuation starts a code point.
      if ((MemoryUtil.getByte(address + at) & 0xc0) != 0x80 && ++seen > codePoints) {
        return at;
      }
    }
    return length;
  }
}
