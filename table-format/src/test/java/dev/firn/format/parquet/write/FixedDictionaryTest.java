package dev.firn.format.parquet.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FixedDictionaryTest {
  private static final int CALL = 5_000;

  /** Values spread over {@code range}; of the last fifth each tenth lies {@code away} of it. */
  @ParameterizedTest
  @CsvSource({
    "4, 100, 0, 0",
    "4, 20000, 0, 300",
    "8, 150000, -75000, 5000000000",
    "8, 150000, 9223372036854600000, 0",
    "8, 150000, -9223372036854775808, 0",
    "8, 150000, -9223372036854775808, 9223372036854775807",
    "8, 100000000000, 17, 0",
    "4, 150000, -2147483648, 2147483647",
  })
  void valuesAreNumberedAsTheyAppear(int width, long range, long least, long away) {
    int count = 400_000;
    LongUnaryOperator values =
        i -> least + i * 7_919_777L % range + (i > count * 4L / 5 && i % 10 == 0 ? away : 0);
    try (RootAllocator allocator = new RootAllocator();
        ArrowBuf buffer = allocator.buffer((long) CALL * width);
        FixedDictionary dictionary = new FixedDictionary(width, Integer.MAX_VALUE)) {
      Map<Long, Integer> expected = new HashMap<>();
      int[] ids = new int[CALL];
      for (int from = 0; from < count; from += CALL) {
        for (int i = 0; i < CALL; i++) {
          write(buffer, width, i, values.applyAsLong(from + i));
        }
        assertThat(dictionary.add(buffer.memoryAddress(), CALL, ids, 0)).isTrue();
        for (int i = 0; i < CALL; i++) {
          long value = width == 8 ? buffer.getLong(8L * i) : buffer.getInt(4L * i);
          int id = expected.computeIfAbsent(value, v -> expected.size());
          if (ids[i] != id) {
            assertThat(ids[i]).as("value %d, row %d", value, from + i).isEqualTo(id);
          }
        }
      }
      assertThat(dictionary.size()).isEqualTo(expected.size());
    }
  }

  private static void write(ArrowBuf buffer, int width, int at, long value) {
    if (width == 8) {
      buffer.setLong(8L * at, value);
    } else {
      buffer.setInt(4L * at, (int) value);
    }
  }
}
