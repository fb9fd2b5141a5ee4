package dev.firn.scan.plan;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Locations of files of the rows of a chunk: templates, which few locations differ in, with the
 * numbers and UUIDs that most differ in as columns. Immutable.
 */
final class PathColumn {
  /** A UUID per row: a dictionary where few are distinct, else its two halves. */
  private record Uuids(
      @Nullable DictionaryBytes few, @Nullable LongColumn high, @Nullable LongColumn low) {
    void append(int row, ByteArrayOutputStream into) {
      if (few != null) {
        into.writeBytes(few.entry(few.code(row)));
      } else if (high != null && low != null) {
        String text = new java.util.UUID(high.get(row), low.get(row)).toString();
        into.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      }
    }

    long weight() {
      return 32
          + (few == null ? 0 : few.weight())
          + (high == null ? 0 : high.weight())
          + (low == null ? 0 : low.weight());
    }
  }

  private final BytesColumn templates;
  private final List<LongColumn> numbers;
  private final List<Uuids> uuids;

  private PathColumn(BytesColumn templates, List<LongColumn> numbers, List<Uuids> uuids) {
    this.templates = templates;
    this.numbers = numbers;
    this.uuids = uuids;
  }

  /** Packs slices of {@code buffer}; null where no row has one. */
  static @Nullable PathColumn of(LongStage stage, byte[] buffer, int rows) {
    if (!stage.any(rows)) {
      return null;
    }
    PathTokens tokens = new PathTokens();
    byte[] text = new byte[1 << 12];
    int start = 0;
    int end = 0;
    LongStage templates = new LongStage(rows);
    List<LongStage> numbers = new ArrayList<>();
    List<LongStage> uuids = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      if (stage.has(row)) {
        long slice = stage.get(row);
        tokens.parse(buffer, BytesColumn.offset(slice), BytesColumn.length(slice));
        int length = tokens.length();
        if (!tokens.sameTemplate(text, start, end)) {
          // Most follow one of the same template.
          start = end;
          end = Math.addExact(end, length);
          if (end > text.length) {
            text = Arrays.copyOf(text, Math.multiplyExact(end, 2));
          }
          System.arraycopy(tokens.template(), 0, text, start, length);
        }
        templates.put(row, BytesColumn.slice(start, length));
        for (int i = 0; i < tokens.numberCount(); i++) {
          at(numbers, i, rows).put(row, tokens.number(i));
        }
        for (int i = 0; i < tokens.uuidCount(); i++) {
          at(uuids, i, rows).put(row, BytesColumn.slice(tokens.uuidOffset(i), 36));
        }
      }
    }
    BytesColumn packed = BytesColumn.of(templates, text, rows);
    if (packed == null) {
      return null;
    }
    List<LongColumn> packedNumbers = new ArrayList<>();
    for (LongStage each : numbers) {
      packedNumbers.add(LongColumn.of(each.values(rows), each.present(rows), rows));
    }
    List<Uuids> packedUuids = new ArrayList<>();
    for (LongStage each : uuids) {
      packedUuids.add(uuids(each, buffer, rows));
    }
    return new PathColumn(packed, List.copyOf(packedNumbers), List.copyOf(packedUuids));
  }

  private static LongStage at(List<LongStage> stages, int index, int rows) {
    if (index == stages.size()) {
      stages.add(new LongStage(rows));
    }
    return stages.get(index);
  }

  private static Uuids uuids(LongStage stage, byte[] buffer, int rows) {
    long[] slices = stage.values(rows);
    long @Nullable [] present = stage.present(rows);
    DictionaryBytes few = DictionaryBytes.of(slices, present, buffer, rows);
    if (few != null) {
      return new Uuids(few, null, null);
    }
    long[] high = new long[rows];
    long[] low = new long[rows];
    for (int row = 0; row < rows; row++) {
      if (present == null || Bits.get(present, row)) {
        int offset = BytesColumn.offset(slices[row]);
        high[row] = PathTokens.half(buffer, offset, true);
        low[row] = PathTokens.half(buffer, offset, false);
      }
    }
    return new Uuids(null, LongColumn.of(high, present, rows), LongColumn.of(low, present, rows));
  }

  boolean isNull(int row) {
    return templates.isNull(row);
  }

  /** The location of a row that has one. */
  String get(int row) {
    byte[] template = templates.get(row);
    if (template.length > 0 && template[0] == PathTokens.VERBATIM) {
      return new String(template, 1, template.length - 1, StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream into = new ByteArrayOutputStream(template.length + 64);
    int number = 0;
    int uuid = 0;
    for (int at = 0; at < template.length; at++) {
      switch (template[at]) {
        case PathTokens.NUMBER -> number(numbers.get(number++).get(row), 0, into);
        case PathTokens.PADDED -> number(numbers.get(number++).get(row), template[++at], into);
        case PathTokens.UUID -> uuids.get(uuid++).append(row, into);
        default -> into.write(template[at]);
      }
    }
    return into.toString(StandardCharsets.UTF_8);
  }

  private static void number(long value, int digits, ByteArrayOutputStream into) {
    String text = Long.toString(value);
    for (int i = text.length(); i < digits; i++) {
      into.write('0');
    }
    into.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  long weight() {
    return 96
        + templates.weight()
        + numbers.stream().mapToLong(LongColumn::weight).sum()
        + uuids.stream().mapToLong(Uuids::weight).sum();
  }
}
