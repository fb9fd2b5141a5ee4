package dev.firn.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and the streams that read them. */
interface StreamContract extends StoreUnderTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8191, 8192, 8193, 65_536, 65_537, 700_001})
  default void whatIsWrittenIsRead(int size) throws IOException {
    byte[] bytes = StoreUnderTest.random(size);
    String location = at("deep/er/file.bin");

    write(location, bytes);

    assertThat(read(location)).isEqualTo(bytes);
    assertThat(store().newInputFile(location).getLength()).isEqualTo(size);
    assertThat(store().newInputFile(location).exists()).isTrue();
    assertThat(store().newInputFile(location).location()).isEqualTo(location);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "100%", "a%20b", "a+b", "city=New+York", "a:b", "$x", "~", "'q'"})
  default void namesAreLiteral(String name) throws IOException {
    String location = at(name + "/" + name + ".txt");

    write(location, name.getBytes(UTF_8));

    assertThat(read(location)).asString(UTF_8).isEqualTo(name);
    assertThat(list(place())).containsExactly(location);
    store().deleteFile(location);
    assertThat(store().newInputFile(location).exists()).isFalse();
  }

  @Test
  default void readsFromAnywhere() throws IOException {
    byte[] bytes = StoreUnderTest.random(100_000);
    String location = at("f");
    write(location, bytes);
    long seed = StoreUnderTest.seed();
    Random random = new Random(seed);

    try (SeekableInputStream in = store().newInputFile(location).newStream()) {
      for (int i = 0; i < 50; i++) {
        int from = random.nextInt(bytes.length);
        int length = Math.min(random.nextInt(20_000), bytes.length - from);
        in.seek(from);
        assertThat(in.readNBytes(length))
            .as("seed %d", seed)
            .isEqualTo(Arrays.copyOfRange(bytes, from, from + length));
        assertThat(in.getPos()).as("seed %d", seed).isEqualTo(from + length);
      }
      in.seek(bytes.length - 1);
      assertThat(in.read()).isEqualTo(bytes[bytes.length - 1] & 0xff);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  default void readsTheLastByteAgainAfterTheEnd() throws IOException {
    byte[] bytes = {1, 2, 3};
    String location = at("f");
    write(location, bytes);

    try (SeekableInputStream in = store().newInputFile(location).newStream()) {
      assertThat(in.readNBytes(10)).isEqualTo(bytes);
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.getPos()).isEqualTo(3);
      in.seek(2);
      assertThat(in.read()).isEqualTo(3);
      assertThat(in.getPos()).isEqualTo(3);
    }
  }

  @Test
  default void streamsReadRangesAndTheTail() throws IOException {
    byte[] bytes = StoreUnderTest.random(50_000);
    String location = at("f");
    write(location, bytes);

    try (SeekableInputStream in = store().newInputFile(location).newStream()) {
      RangeReadable ranges = (RangeReadable) in;
      byte[] middle = new byte[1_000];
      ranges.readFully(20_000, middle);
      assertThat(middle).isEqualTo(Arrays.copyOfRange(bytes, 20_000, 21_000));
      byte[] tail = new byte[8];
      assertThat(ranges.readTail(tail)).isEqualTo(8);
      assertThat(tail).isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 8, bytes.length));
    }
  }

  @Test
  default void missingFileIsNotFound() {
    String location = at("missing");

    assertThat(store().newInputFile(location).exists()).isFalse();
    assertThatThrownBy(() -> read(location)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> store().newInputFile(location).getLength())
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining(location);
    assertThatCode(() -> store().deleteFile(location)).doesNotThrowAnyException();
  }
}
